/// What assets did in the named crashes, so that a portfolio can be put through them without its own
/// history of that time.
///
/// Closes before and after, as `Crash` dates them, against USDT on Binance's spot market: daily klines
/// of https://data.binance.vision (API: https://developers.binance.com/docs/binance-spot-api-docs);
/// Terra's LUNA and UST and FTX's FTT from hourly klines of the same market. USDC had no market there
/// before 2023-03-11; its change is the close of that day, 0.9592, against the peg.
public enum CrashReturns {
  /// The relative change of an asset in a crash.
  ///
  /// - Parameters:
  ///   - ticker: The asset's short name as venues write it.
  ///   - crash: The crash's name.
  /// - Returns: -1 or above; `nil` where the asset did not trade through it.
  public static func change(of ticker: String, in crash: String) -> Double? {
    guard let changes = table[crash] else { return nil }
    // Prices are in Tether's dollar, which is thus taken for the dollar.
    return changes[ticker] ?? (ticker == "USDT" ? 0 : nil)
  }

  /// The assets known of a crash, in order of name.
  public static func assets(in crash: String) -> [String] { (table[crash] ?? [:]).keys.sorted() }

  private static let table: [String: [String: Double]] = text.mapValues { line in
    var changes: [String: Double] = [:]
    for item in line.split(separator: ",") {
      let words = item.split(whereSeparator: \.isWhitespace)
      guard words.count == 2, let points = Int(words[1]) else { continue }
      changes[String(words[0])] = Double(points) / 10_000
    }
    return changes
  }

  /// Changes in hundredths of a per cent.
  private static let text: [String: String] = [
    "covid-2020-03": """
    BTC -3723, ETH -4349, BNB -4607, XRP -3281, ADA -4173, DOGE -2745, TRX -3943, LINK -4395,
    LTC -3794, BCH -4637, XLM -3202, ATOM -5014, ETC -3792, HBAR -3762, VET -5123,
    ALGO -5476, ZEC -4596, FTT -2317, MATIC -5943, EOS -4205, XMR -4381, FTM -6366,
    XTZ -4080
    """,
    "china-2021-05": """
    BTC -3017, ETH -4517, BNB -5616, XRP -3777, SOL -4387, ADA -1628, DOGE -2177, TRX -4726,
    AVAX -5242, DOT -4901, LINK -5232, LTC -5413, BCH -5533, XLM -3921, ATOM -4938,
    UNI -5468, NEAR -4396, ETC -3935, FIL -4893, HBAR -331, ICP -4421, AAVE -4291, VET -4815,
    ALGO -3578, SHIB -5557, ZEC -5919, PAXG 372, LUNA -7205, FTT -5177, USDC -14, TUSD -16,
    BUSD -16, MATIC 210, EOS -5854, XMR -4306, FTM -5836, SRM -5487, DASH -5824, XTZ -5105,
    MKR -4498, CRV -6031, AXS -5078, SAND -2871, RUNE -5550, INJ -5599
    """,
    "terra-2022-05": """
    BTC -2058, ETH -2867, BNB -2891, XRP -3553, SOL -4718, ADA -3997, DOGE -3557, TRX -969,
    AVAX -4864, DOT -4026, LINK -3987, LTC -3337, BCH -2997, XLM -2951, ATOM -4585,
    UNI -3638, NEAR -4276, ETC -3327, FIL -4203, HBAR -3587, ICP -4319, AAVE -4547,
    VET -4185, ALGO -3325, QNT -2024, SHIB -4652, ZEC -3092, PAXG -224, LUNA -10000,
    UST -6364, FTT -1806, USDC 29, TUSD 28, BUSD 28, MATIC -4361, EOS -3671, XMR -3330,
    FTM -5979, SRM -4281, DASH -3844, XTZ -3252, MKR -290, CRV -4685, AXS -3430, SAND -4763,
    RUNE -5590, INJ -5226, GALA -5075
    """,
    "3ac-2022-06": """
    BTC -3905, ETH -4512, BNB -3214, XRP -2456, SOL -1854, ADA -2592, DOGE -3420, TRX -2562,
    AVAX -3972, DOT -2362, LINK -3203, LTC -2605, BCH -3657, XLM -2329, ATOM -3391,
    UNI -3027, NEAR -4046, ETC -3654, FIL -3029, HBAR -3142, ICP -2449, AAVE -5005,
    VET -2932, ALGO -2582, QNT -2442, SHIB -2815, ZEC -3595, PAXG -167, LUNA2 -5128,
    FTT -1578, USDC 9, TUSD 9, BUSD 8, MATIC -4392, EOS -3097, XMR -4432, FTM -3737,
    SRM -2046, DASH -2864, XTZ -3774, MKR -3670, CRV -5084, AXS -3448, SAND -3921,
    RUNE -4572, INJ -3806, GALA -3201
    """,
    "ftx-2022-11": """
    BTC -2524, ETH -3222, BNB -2345, XRP -3243, SOL -6184, ADA -2554, DOGE -4014, TRX -1611,
    AVAX -3417, DOT -2304, LINK -2807, LTC -2679, BCH -2805, XLM -2685, ATOM -3634,
    UNI -3628, NEAR -3908, ETC -3073, FIL -3279, HBAR -2894, ICP -3391, AAVE -3967,
    VET -2495, ALGO -3734, QNT -3309, SHIB -2980, ZEC -3445, APT -4803, PAXG 156,
    LUNA2 -3493, LUNC -2460, FTT -9056, BUSD 23, MATIC -3107, EOS -2945, XMR -2428,
    FTM -3858, SRM -6188, DASH -2930, XTZ -2953, MKR -2506, CRV -4443, AXS -4322, SAND -3808,
    RUNE -3802, INJ -4561, GALA -3355
    """,
    "usdc-2023-03": """
    BTC -576, ETH -394, BNB -387, XRP -645, SOL -185, ADA -391, DOGE -714, TRX -1003,
    AVAX -403, DOT -246, LINK -631, LTC -1637, BCH -257, XLM -343, ATOM 56, UNI -1096,
    NEAR -244, ETC -603, FIL -1439, HBAR -380, ICP -650, AAVE -683, VET -805, ALGO -719,
    QNT 129, SHIB -586, ZEC -1180, APT -78, PAXG 460, LUNA2 -610, LUNC -771, BUSD -71,
    MATIC 53, EOS -1117, XMR -230, FTM -666, DASH -1964, XTZ -438, MKR -1758, CRV -337,
    AXS -771, SAND -720, RUNE -1136, INJ 884, GALA -715, USDC -408
    """,
    "carry-2024-08": """
    BTC -1642, ETH -2515, BNB -1948, XRP -2152, SOL -2442, ADA -1965, DOGE -2260, TRX -559,
    AVAX -2397, DOT -2206, LINK -2603, LTC -2005, BCH -2513, XLM -1245, ATOM -2008,
    UNI -2514, NEAR -2936, ETC -1892, FIL -2308, HBAR -1730, ICP -2115, AAVE -1105,
    VET -1790, ALGO -1887, QNT -1524, SHIB -1690, ZEC -1054, PEPE -3629, APT -2243,
    ARB -2672, SUI -2437, TAO -2422, PAXG -160, WBTC -1666, WBETH -2525, LUNA2 -2478,
    LUNC -1812, USTC -2676, FTT -767, USDC -7, TUSD -6, FDUSD -14, DASH -1722, XTZ -1612,
    MKR -3210, CRV -1982, AXS -2342, SAND -2317, RUNE -3071, INJ -3024, GALA -2831
    """,
    "tariff-2025-04": """
    BTC -751, ETH -1793, BNB -626, XRP -1124, SOL -1024, ADA -1277, DOGE -1317, TRX -150,
    AVAX -1023, DOT -1480, LINK -1527, LTC -1519, BCH -812, XLM -1430, ATOM -100, UNI -1816,
    NEAR -2209, ETC -1255, FIL -1614, HBAR -946, ICP -778, AAVE -1663, VET -857, ALGO -1232,
    QNT -952, SHIB -1154, ZEC -988, PEPE -1418, APT -1457, ARB -1384, SUI -1636, TAO -783,
    TON -2215, PAXG -598, WBTC -746, WBETH -1793, BNSOL -1029, POL -1011, TRUMP -1736,
    LUNA2 -1733, LUNC -952, USTC -1141, FTT -1543, USDC 6, TUSD -6, FDUSD 124, DASH -1160,
    XTZ -973, MKR -436, CRV -754, AXS -1838, SAND -997, RUNE -1108, INJ -1655, GALA -1246
    """,
    "liquidation-2025-10": """
    BTC -906, ETH -1422, BNB -958, XRP -1500, SOL -1960, ADA -2252, DOGE -2544, TRX -668,
    AVAX -2438, DOT -2645, LINK -2178, LTC -2586, BCH -1378, XLM -1487, ATOM -2253,
    UNI -2546, NEAR -2014, ETC -2154, FIL -3198, HBAR -2109, ICP -2824, AAVE -1437,
    VET -2405, ALGO -1748, QNT -1298, SHIB -1715, ZEC 3690, PEPE -2735, APT -2716, ARB -2781,
    SUI -2542, TAO -1426, TON -2347, PAXG -20, WBTC -901, WBETH -1477, BNSOL -2033,
    POL -2147, TRUMP -2228, WLFI -3168, XPL -4682, ASTER -2861, PUMP -3201, 0G -1616,
    2Z -2876, BARD -1075, FF -2295, MORPHO -569, ZKC -3619
    """,
  ]
}
