import Encodings

/// Contracts of protocols as a simulated node answers for them: Lido with staked ether, Aave v3 with
/// security and a debt, and three in which nobody has anything.
///
/// Words are laid out as https://docs.soliditylang.org/en/latest/abi-spec.html says.
struct EVMContracts: Sendable {
  /// Who has all of it: small letters.
  let holder: String
  /// Contracts that refuse, as a broken protocol does: small letters.
  var failing: Set<String> = []

  /// Ether staked with Lido, in wei.
  static let staked: UInt128 = 12_345_678_901_234_567_891
  /// USDC held as security in Aave, in millionths.
  static let collateral: UInt128 = 25_000_123_456
  /// USDT owed to Aave, in millionths.
  static let owed: UInt128 = 8_000_500_001

  // https://docs.lido.fi/deployed-contracts/
  static let stETH = "0xae7ab96520de3a18e5e111b5eaab095312d7fe84"
  private static let wstETH = "0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0"
  private static let lidoQueue = "0x889edc2edab5f40e902b864ad4d7ade8e412f9b1"
  // https://docs.rocketpool.net/overview/contracts-integrations
  private static let rETH = "0xae78736cd615f374d3085123a210448e74fc6393"
  // https://github.com/bgd-labs/aave-address-book
  static let aaveProvider = "0x2f39d218133afab8f2b819b1066c7e434ad94e9e"
  /// Found by asking the provider, so that any address will do.
  private static let aavePool = "0x00000000000000000000000000000000000aa001"
  private static let aaveData = "0x00000000000000000000000000000000000aa002"
  // https://docs.compound.finance/#networks
  private static let markets = [
    "0xc3d688b66703497daa19211eedff47f25384cdc3", "0xa17581a9e3356d9a858b789d68b4d866e593ae94",
    "0x3afdc9bca9213a35503b077a6072f3d0d5ab0840",
  ]
  // https://docs.uniswap.org/contracts/v3/reference/deployments/
  private static let uniswapManager = "0xc36442b4a4522e871399cd717abdd847ab11fe88"

  /// Answers a call.
  ///
  /// - Parameters:
  ///   - contract: The contract: small letters.
  ///   - data: The call: `0x` and small letters.
  /// - Returns: Words of 32 bytes as hexadecimal digits; `nil` where there is no such contract or
  ///   function.
  func answer(_ contract: String, _ data: String) -> [String]? {
    let name = EVMContracts.functions[String(data.dropFirst(2).prefix(8))] ?? ""
    let words = EVMContracts.words(of: data)
    switch contract {
    case EVMContracts.stETH where name == "balanceOf(address)":
      return [word(isHolder(words.first) ? EVMContracts.staked : 0)]
    case EVMContracts.wstETH, EVMContracts.rETH, EVMContracts.uniswapManager:
      return name == "balanceOf(address)" ? [word(0)] : nil
    case EVMContracts.lidoQueue: return [word(32), word(0)]
    case EVMContracts.aaveProvider, EVMContracts.aavePool, EVMContracts.aaveData:
      return aave(name, words)
    case _ where EVMContracts.markets.contains(contract): return market(name)
    default: return nil
    }
  }

  private func aave(_ name: String, _ words: [String]) -> [String]? {
    let tokens = EVMNode.tokens
    switch name {
    case "getPool()": return [word(EVMContracts.aavePool)]
    case "getPoolDataProvider()": return [word(EVMContracts.aaveData)]
    case "getReservesList()":
      return [word(32), word(UInt128(tokens.count))] + tokens.map { word($0.contract) }
    case "getUserReserveData(address,address)":
      let symbol = tokens.first { word($0.contract) == words.first }?.symbol
      let isHolder = isHolder(words.dropFirst().first)
      let supplied = isHolder && symbol == "USDC" ? EVMContracts.collateral : 0
      let owed = isHolder && symbol == "USDT" ? EVMContracts.owed : 0
      let rest = [UInt128](repeating: 0, count: 5).map { word($0) }
      return [word(supplied), word(0), word(owed)] + rest + [word(supplied > 0 ? 1 : 0)]
    case "getReserveTokensAddresses(address)":
      let number = UInt128(1 + (tokens.firstIndex { word($0.contract) == words.first } ?? 0))
      return (1...3).map { word(0xAA_0000 + number * 16 + $0) }
    default: return nil
    }
  }

  /// A market in which nobody has anything.
  private func market(_ name: String) -> [String]? {
    switch name {
    case "baseToken()": [word(EVMNode.tokens[0].contract)]
    case "decimals()": [word(6)]
    case "balanceOf(address)", "borrowBalanceOf(address)", "numAssets()": [word(0)]
    default: nil
    }
  }

  private func isHolder(_ argument: String?) -> Bool { argument == word(holder) }

  private func word(_ value: UInt128) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 64 - digits.utf8.count) + digits
  }

  private func word(_ address: String) -> String {
    String(repeating: "0", count: 24) + address.dropFirst(2)
  }

  private static func words(of data: String) -> [String] {
    let digits = Array(data.utf8.dropFirst(10).prefix(64 * 8))
    return stride(from: 0, to: digits.count - digits.count % 64, by: 64).map {
      String(decoding: digits[$0..<($0 + 64)], as: UTF8.self)
    }
  }

  /// The functions by the first four bytes of their hash.
  private static let functions: [String: String] = {
    let names = [
      "balanceOf(address)", "getPool()", "getPoolDataProvider()", "getReservesList()",
      "getUserReserveData(address,address)", "getReserveTokensAddresses(address)",
      "getWithdrawalRequests(address)", "baseToken()", "decimals()", "borrowBalanceOf(address)",
      "numAssets()",
    ]
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        (Hex.text(Keccak256.hash(Array(name.utf8)).prefix(4)), name)
      })
  }()
}
