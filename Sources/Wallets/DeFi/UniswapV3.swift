import Encodings
import Ledger

/// Positions of Uniswap version 3 with what they are made of.
///
/// Sources: https://docs.uniswap.org/contracts/v3/reference/periphery/NonfungiblePositionManager,
/// https://docs.uniswap.org/contracts/v3/reference/core/interfaces/pool/IUniswapV3PoolState
public enum UniswapV3 {
  /// Position manager and factory by chain
  /// (https://docs.uniswap.org/contracts/v3/reference/deployments/).
  static let contracts: [String: (manager: String, factory: String)] = [
    "ethereum": (common, commonFactory), "arbitrum": (common, commonFactory),
    "optimism": (common, commonFactory), "polygon": (common, commonFactory),
    "base": (
      "0x03a520b32C04BF3bEEf7BEb72E919cf822Ed34f1", "0x33128a8fC17869897dcE68Ed026d694621f6FDfD"
    ),
    "celo": (
      "0x3d79EdAaBC0EaB6F08ED885C05Fc0B014290D95A", "0xAfE208a311B21f13EF87E33A90049fC17A7acDEc"
    ),
  ]
  private static let common = "0xC36442b4a4522E871399CD717aBDD847Ab11FE88"
  private static let commonFactory = "0x1F98431c8aD98523631AE4a59f267346ea31F984"

  /// The most positions of an address that are read; more are a fault, not a part.
  public static let mostPositions = 1_000
  private static let batch = 40

  /// A position's twelve words.
  struct Record: Hashable, Sendable {
    let number: UInt256
    let tokens: ([UInt8], [UInt8])
    let fee: Int
    let lower: Int
    let upper: Int
    let liquidity: UInt256
    let lastGrowth: (UInt256, UInt256)
    let owed: (UInt256, UInt256)

    init(_ number: UInt256, _ answer: ABIReader) throws(ChainFault) {
      self.number = number
      tokens = (try answer.address(2), try answer.address(3))
      fee = try answer.count(4)
      lower = try answer.signed(5)
      upper = try answer.signed(6)
      liquidity = try answer.word(7)
      lastGrowth = (try answer.word(8), try answer.word(9))
      owed = (try answer.word(10), try answer.word(11))
      guard lower < upper, liquidity.high == 0 else { throw .malformed("the position") }
    }

    var isEmpty: Bool { liquidity.isZero && owed.0.isZero && owed.1.isZero }

    static func == (a: Record, b: Record) -> Bool { a.number == b.number }
    func hash(into hasher: inout Hasher) { hasher.combine(number) }
  }

  /// The positions of an address.
  public static func positions(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    guard let pair = contracts[node.chain], let manager = ContractReader.address(pair.manager),
      let factory = ContractReader.address(pair.factory)
    else { return [] }
    let reader = ContractReader(node: node, block: block, owner: owner)
    let count = ContractReader.Call(manager, "balanceOf(address)", [reader.ownerWord])
    return [
      reader.ask([count]) { answers throws(ChainFault) in
        let count = try answers[0].count(0)
        guard count <= mostPositions else { throw .malformed("the number of positions") }
        return DeFiReading(more: numbers(count, manager, factory, reader))
      }
    ]
  }

  private static func numbers(
    _ count: Int, _ manager: [UInt8], _ factory: [UInt8], _ reader: ContractReader
  ) -> [ChainCall<DeFiReading>] {
    stride(from: 0, to: count, by: batch).map { start in
      let calls = (start..<min(start + batch, count)).map { index in
        ContractReader.Call(
          manager, "tokenOfOwnerByIndex(address,uint256)",
          [reader.ownerWord, ABI.word(UInt256(UInt128(index)))])
      }
      return reader.ask(calls) { answers throws(ChainFault) in
        var numbers: [UInt256] = []
        for answer in answers { numbers.append(try answer.word(0)) }
        return DeFiReading(more: [records(numbers, manager, factory, reader)])
      }
    }
  }

  private static func records(
    _ numbers: [UInt256], _ manager: [UInt8], _ factory: [UInt8], _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let calls = numbers.map {
      ContractReader.Call(manager, "positions(uint256)", [ABI.word($0)])
    }
    return reader.ask(calls) { answers throws(ChainFault) in
      var more: [ChainCall<DeFiReading>] = []
      for (number, answer) in zip(numbers, answers) {
        let record = try Record(number, answer)
        // A closed position stays as an empty token.
        if !record.isEmpty { more.append(pool(record, factory, reader)) }
      }
      return DeFiReading(more: more)
    }
  }

  private static func pool(
    _ record: Record, _ factory: [UInt8], _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let words = [
      ABI.word(address: record.tokens.0), ABI.word(address: record.tokens.1),
      ABI.word(UInt256(UInt128(record.fee))),
    ]
    let calls = [
      ContractReader.Call(factory, "getPool(address,address,uint24)", words),
      ContractReader.Call(record.tokens.0, "decimals()"),
      ContractReader.Call(record.tokens.1, "decimals()"),
    ]
    return reader.ask(calls) { answers throws(ChainFault) in
      let decimals = (try answers[1].decimals(0), try answers[2].decimals(0))
      let pool = try answers[0].address(0)
      return DeFiReading(more: [state(record, pool, decimals, reader)])
    }
  }

  private static func state(
    _ record: Record, _ pool: [UInt8], _ decimals: (Int, Int), _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let calls = [
      ContractReader.Call(pool, "slot0()"),
      ContractReader.Call(pool, "feeGrowthGlobal0X128()"),
      ContractReader.Call(pool, "feeGrowthGlobal1X128()"),
      ContractReader.Call(pool, "ticks(int24)", [word(signed: record.lower)]),
      ContractReader.Call(pool, "ticks(int24)", [word(signed: record.upper)]),
    ]
    return reader.ask(calls) { answers throws(ChainFault) in
      let amounts = try Amounts(record, answers)
      let underlying = [
        reader.balance(record.tokens.0, amounts.inside.0, decimals: decimals.0),
        reader.balance(record.tokens.1, amounts.inside.1, decimals: decimals.1),
        reader.balance(record.tokens.0, amounts.fees.0, decimals: decimals.0, part: .reward),
        reader.balance(record.tokens.1, amounts.fees.1, decimals: decimals.1, part: .reward),
      ]
      return DeFiReading([
        DeFiPosition(
          venue: "uniswap-v3", chain: reader.node.chain, owner: reader.owner, kind: .liquidity,
          label: record.number.text, underlying: underlying)
      ])
    }
  }

  private static func word(signed number: Int) -> [UInt8] {
    let magnitude = UInt256(UInt128(number.magnitude))
    return ABI.word(number < 0 ? UInt256.zero.wrappingSubtracting(magnitude) : magnitude)
  }

  /// What a position comes to in a pool's state.
  struct Amounts {
    let inside: (UInt256, UInt256)
    let fees: (UInt256, UInt256)

    /// `answers`: the pool's price and tick, its two counters, and the records of both ends.
    init(_ record: Record, _ answers: [ABIReader]) throws(ChainFault) {
      guard answers.count == 5 else { throw .malformed("the number of answers") }
      let price = try answers[0].word(0)
      let tick = try answers[0].signed(1)
      guard let lower = UniswapMath.rootPrice(tick: record.lower),
        let upper = UniswapMath.rootPrice(tick: record.upper),
        let found = UniswapMath.amounts(
          liquidity: record.liquidity, price: price, between: (lower, upper))
      else { throw .malformed("the position's ticks") }
      inside = (found.first, found.second)
      let ticks = (lower: record.lower, current: tick, upper: record.upper)
      // Words 2 and 3 of a tick's record are the counters outside it.
      let first = UniswapMath.growthInside(
        global: try answers[1].word(0), outsideLower: try answers[3].word(2),
        outsideUpper: try answers[4].word(2), ticks: ticks)
      let second = UniswapMath.growthInside(
        global: try answers[2].word(0), outsideLower: try answers[3].word(3),
        outsideUpper: try answers[4].word(3), ticks: ticks)
      fees = (
        try Amounts.fees(record.liquidity, first, record.lastGrowth.0, record.owed.0),
        try Amounts.fees(record.liquidity, second, record.lastGrowth.1, record.owed.1)
      )
    }

    private static func fees(
      _ liquidity: UInt256, _ inside: UInt256, _ last: UInt256, _ owed: UInt256
    ) throws(ChainFault) -> UInt256 {
      guard let earned = UniswapMath.fees(liquidity: liquidity, inside: inside, last: last),
        let sum = earned.adding(owed)
      else { throw .malformed("the position's fees") }
      return sum
    }
  }
}
