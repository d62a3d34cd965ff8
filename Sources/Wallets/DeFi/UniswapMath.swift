/// What a position of Uniswap version 3 comes to, in whole numbers as the contracts count.
///
/// Source: https://app.uniswap.org/whitepaper-v3.pdf, sections 6.2 and 6.3.
public enum UniswapMath {
  /// The furthest tick of either sign.
  public static let lastTick = 887_272

  /// 2⁹⁶ times the root of 1.0001 to the power of a tick, nil beyond the last tick.
  ///
  /// Rounded as the contracts round, so that amounts agree to the last unit: a product of powers
  /// with 128 fractional bits each, then cut to 96 and rounded up.
  public static func rootPrice(tick: Int) -> UInt256? {
    guard abs(tick) <= lastTick else { return nil }
    var ratio = UInt256(high: 1, low: 0)
    for (bit, factor) in factors.enumerated() where abs(tick) >> bit & 1 == 1 {
      ratio = shifted(ratio.multipliedFullWidth(by: UInt256(factor)))
    }
    if tick > 0 {
      guard let inverse = UInt256.max.dividing(by: ratio)?.quotient else { return nil }
      ratio = inverse
    }
    let cut = ratio.shiftedRight(by: 32)
    let isExact = ratio.low & 0xFFFF_FFFF == 0
    return isExact ? cut : cut.adding(.one)
  }

  /// A product of 512 bits without its last 128.
  private static func shifted(_ product: (high: UInt256, low: UInt256)) -> UInt256 {
    UInt256(high: product.high.low, low: product.low.high)
  }

  /// The root of 1.0001 to the power of -2ⁿ / 2, times 2¹²⁸, rounded to the nearest.
  private static let factors: [UInt128] = [
    0xFFFC_B933_BD6F_AD37_AA2D_162D_1A59_4001, 0xFFF9_7272_373D_4132_59A4_6990_580E_213A,
    0xFFF2_E50F_5F65_6932_EF12_357C_F3C7_FDCC, 0xFFE5_CACA_7E10_E4E6_1C36_24EA_A094_1CD0,
    0xFFCB_9843_D60F_6159_C9DB_5883_5C92_6644, 0xFF97_3B41_FA98_C081_472E_6896_DFB2_54C0,
    0xFF2E_A164_66C9_6A38_43EC_78B3_26B5_2861, 0xFE5D_EE04_6A99_A2A8_11C4_61F1_969C_3053,
    0xFCBE_86C7_900A_88AE_DCFF_C83B_479A_A3A4, 0xF987_A725_3AC4_1317_6F2B_074C_F781_5E54,
    0xF339_2B08_22B7_0005_940C_7A39_8E4B_70F3, 0xE715_9475_A2C2_9B74_43B2_9C7F_A6E8_89D9,
    0xD097_F3BD_FD20_22B8_845A_D8F7_92AA_5825, 0xA9F7_4646_2D87_0FDF_8A65_DC1F_90E0_61E5,
    0x70D8_69A1_56D2_A1B8_90BB_3DF6_2BAF_32F7, 0x31BE_135F_97D0_8FD9_8123_1505_542F_CFA6,
    0x09AA_508B_5B7A_84E1_C677_DE54_F3E9_9BC9, 0x005D_6AF8_DEDB_8119_6699_C329_225E_E604,
    0x0000_2216_E584_F5FA_1EA9_2604_1BED_FE98, 0x0000_0000_048A_1703_91F7_DC42_444E_8FA2,
  ]

  /// The two amounts of a position.
  ///
  /// - Parameters:
  ///   - liquidity: The position's.
  ///   - price: The pool's present root price, times 2⁹⁶.
  ///   - bounds: The root prices of the position's two ends.
  /// - Returns: The first and second token's smallest units, both rounded down; nil for prices of
  ///   zero.
  public static func amounts(
    liquidity: UInt256, price: UInt256, between bounds: (UInt256, UInt256)
  ) -> (first: UInt256, second: UInt256)? {
    let lower = min(bounds.0, bounds.1)
    let upper = max(bounds.0, bounds.1)
    if price <= lower {
      return first(liquidity, lower, upper).map { ($0, .zero) }
    }
    if price >= upper {
      return second(liquidity, lower, upper).map { (.zero, $0) }
    }
    guard let one = first(liquidity, price, upper), let other = second(liquidity, lower, price)
    else { return nil }
    return (one, other)
  }

  private static func first(
    _ liquidity: UInt256, _ lower: UInt256, _ upper: UInt256
  ) -> UInt256? {
    guard let width = upper.subtracting(lower) else { return nil }
    return liquidity.shiftedLeft(by: 96).multiplied(by: width, dividedBy: upper)?
      .dividing(by: lower)?.quotient
  }

  private static func second(
    _ liquidity: UInt256, _ lower: UInt256, _ upper: UInt256
  ) -> UInt256? {
    guard let width = upper.subtracting(lower) else { return nil }
    return liquidity.multiplied(by: width, dividedBy: UInt256(1 << 96))
  }

  /// The fees per unit of liquidity that were earned between two ticks, times 2¹²⁸.
  ///
  /// Counters run in circles of 2²⁵⁶, so that only differences mean anything.
  ///
  /// - Parameters:
  ///   - global: Of the whole pool.
  ///   - lower: Outside the lower end, from the tick's record.
  ///   - upper: Outside the upper end.
  ///   - ticks: The ends and where the pool is.
  /// - Returns: The counter inside.
  public static func growthInside(
    global: UInt256, outsideLower lower: UInt256, outsideUpper upper: UInt256,
    ticks: (lower: Int, current: Int, upper: Int)
  ) -> UInt256 {
    let below = ticks.current >= ticks.lower ? lower : global.wrappingSubtracting(lower)
    let above = ticks.current < ticks.upper ? upper : global.wrappingSubtracting(upper)
    return global.wrappingSubtracting(below).wrappingSubtracting(above)
  }

  /// The fees that a position earned since its counter was last written down.
  public static func fees(
    liquidity: UInt256, inside: UInt256, last: UInt256
  ) -> UInt256? {
    let grown = inside.wrappingSubtracting(last)
    return grown.multiplied(by: liquidity, dividedBy: UInt256(high: 1, low: 0))
  }
}
