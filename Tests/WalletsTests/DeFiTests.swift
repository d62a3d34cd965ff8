import Encodings
import Ledger
import TestSupport
import Testing
import VenueKit
import Wallets

/// A node that answers calls of contracts from a list.
private struct ListedNode {
  private var answers: [String: [UInt8]] = [:]

  mutating func set(_ contract: String, _ call: [UInt8], _ words: [[UInt8]]) {
    answers[contract.lowercased() + Hex.text(call)] = words.flatMap { $0 }
  }

  func answer(_ request: OutgoingRequest) -> IncomingAnswer {
    guard let body = try? JSON.reading(request.body ?? []), case .array(let calls) = body else {
      return IncomingAnswer(status: 400, body: [])
    }
    return IncomingAnswer(
      status: 200, body: Array(JSON.array(calls.map { one($0) }).text.utf8))
  }

  private func one(_ call: JSON) -> JSON {
    guard case .object(let object) = call, let id = object["id"] else { return .null }
    if object["method"] == "eth_chainId" { return ["id": id, "result": "0x1"] }
    guard case .array(let params)? = object["params"], case .object(let target)? = params.first,
      case .string(let contract)? = target["to"], case .string(let data)? = target["data"],
      let found = answers[contract.lowercased() + data.dropFirst(2)]
    else { return ["id": id, "error": ["code": 3, "message": "execution reverted"]] }
    return ["id": id, "result": .string("0x" + Hex.text(found))]
  }

  /// Asks until nothing is left to ask.
  func positions(_ calls: [ChainCall<DeFiReading>]) throws(ChainFault) -> [DeFiPosition] {
    var open = calls
    var positions: [DeFiPosition] = []
    while let call = open.popLast() {
      let reading = try call.read(answer(call.request))
      positions += reading.positions
      open += reading.more
    }
    return positions
  }
}

private func word(_ text: String) -> [UInt8] { ABI.word(UInt256(decimal: text) ?? .max) }
private func word(signed number: Int) -> [UInt8] {
  let magnitude = UInt256(UInt128(number.magnitude))
  return ABI.word(number < 0 ? UInt256.zero.wrappingSubtracting(magnitude) : magnitude)
}
private func word(address text: String) -> [UInt8] {
  ABI.word(address: EthereumAddress.bytes(text) ?? [])
}

/// Positions inside protocols.
///
/// Unless a test says "recorded", its answers are made by hand from the
/// contracts' interfaces, whose addresses stand in the readers; no chain was asked.
@Suite struct DeFiTests {
  private let ownerText = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
  private var owner: [UInt8] { EthereumAddress.bytes(ownerText) ?? [] }
  private let node = EthereumNode(chain: "ethereum", url: "https://node.example")
  private let usdc = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
  private let weth = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"

  // Made by hand from https://docs.lido.fi/contracts/wsteth and withdrawal-queue-erc721.
  @Test func `Lido: staked, wrapped and leaving ether`() throws {
    var listed = ListedNode()
    let me = ABI.word(address: owner)
    let (staked, wrapped) =
      ("0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84", "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0")
    let queue = "0x889edC2eDab5f40e902b864aD4d7AdE8E412F9B1"
    listed.set(staked, ABI.call("balanceOf(address)", [me]), [word("1500000000000000000")])
    listed.set(wrapped, ABI.call("balanceOf(address)", [me]), [word("2000000000000000000")])
    listed.set(
      wrapped, ABI.call("getStETHByWstETH(uint256)", [word("2000000000000000000")]),
      [word("2400000000000000001")])
    listed.set(
      queue, ABI.call("getWithdrawalRequests(address)", [me]),
      [word("32"), word("2"), word("7"), word("8")])
    let status = ABI.call(
      "getWithdrawalStatus(uint256[])", [word("32"), word("2"), word("7"), word("8")])
    listed.set(
      queue, status,
      [
        word("32"), word("2"), word("1000000000000000000"), word("1"), me, word("1"), word("1"),
        word("0"), word("5"), word("1"), me, word("1"), word("1"), word("1"),
      ])
    let calls = StakedEther.lido(owner, node: node, at: .number(20_000_000))
    let positions = try listed.positions(calls)
    let amounts = Set(positions.map { "\($0.kind.rawValue) \($0.underlying[0].amount.text)" })
    #expect(
      amounts == ["staked 1.5", "staked 2.400000000000000001", "withdrawal 1"])
    #expect(positions.contains { $0.label == "request 7, ready" })
  }

  // Made by hand from https://docs.rocketpool.net.
  @Test func `Rocket Pool: rETH is worth more ether than its number`() throws {
    var listed = ListedNode()
    let token = "0xae78736Cd615f374D3085123A210448E74Fc6393"
    listed.set(
      token, ABI.call("balanceOf(address)", [ABI.word(address: owner)]),
      [word("1000000000000000000")])
    listed.set(
      token, ABI.call("getEthValue(uint256)", [word("1000000000000000000")]),
      [word("1123000000000000000")])
    let positions = try listed.positions(StakedEther.rocketPool(owner, node: node, at: .latest))
    #expect(positions.map(\.underlying[0].amount.text) == ["1.123"])
    #expect(
      positions.first?.receipt
        == .contract(chain: "ethereum", address: token.lowercased()))
  }

  // Made by hand from https://aave.com/docs/aave-v3/smart-contracts/view-contracts.
  @Test func `Aave: security and debt of one market`() throws {
    var listed = ListedNode()
    let provider = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e"
    let pool = "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2"
    let data = "0x7B4EB56E7CD4b454BA8ff71E4518426369a138a3"
    listed.set(provider, ABI.call("getPool()"), [word(address: pool)])
    listed.set(provider, ABI.call("getPoolDataProvider()"), [word(address: data)])
    listed.set(
      pool, ABI.call("getReservesList()"),
      [word("32"), word("2"), word(address: weth), word(address: usdc)])
    let zeros = Array(repeating: word("0"), count: 5)
    let me = ABI.word(address: owner)
    listed.set(
      data, ABI.call("getUserReserveData(address,address)", [word(address: weth), me]),
      [word("3000000000000000000"), word("0"), word("0")] + zeros + [word("1")])
    listed.set(
      data, ABI.call("getUserReserveData(address,address)", [word(address: usdc), me]),
      [word("0"), word("0"), word("1234567890")] + zeros + [word("0")])
    let tokens = (1...6).map { "0x" + String(repeating: "\($0)", count: 40) }
    for (asset, list, decimals) in [(weth, tokens[0..<3], "18"), (usdc, tokens[3..<6], "6")] {
      listed.set(asset, ABI.call("decimals()"), [word(decimals)])
      listed.set(
        data, ABI.call("getReserveTokensAddresses(address)", [word(address: asset)]),
        list.map { word(address: $0) })
    }
    let positions = try listed.positions(AaveV3.positions(owner, node: node, at: .latest))
    let texts = Set(positions.map { "\($0.kind.rawValue) \($0.underlying[0].amount.text)" })
    #expect(texts == ["collateral 3", "borrowed 1234.56789"])
    let debt = positions.first { $0.kind == .borrowed }
    #expect(debt?.underlying[0].part == .debt)
    #expect(debt?.receipt == .contract(chain: "ethereum", address: tokens[5]))
  }

  @Test func `Aave: a scaled balance grows with its index, rounded half up`() {
    let index = UInt256(decimal: "1050000000000000000000000000") ?? .zero
    #expect(AaveV3.balance(scaled: UInt256(1_000_000_000), index: index) == UInt256(1_050_000_000))
    #expect(AaveV3.balance(scaled: UInt256(10), index: index) == UInt256(11))
    #expect(AaveV3.balance(scaled: .max, index: index) == nil)
  }

  @Test func `Aave: an account without debt has no health to fear for`() throws {
    let words = ["100", "0", "80", "8250", "8000"].map { word($0) } + [ABI.word(.max)]
    let account = try AaveV3.Account(ABIReader(words.flatMap { $0 }))
    #expect(account.health == nil)
    #expect(account.thresholdBasisPoints == 8_250)
  }

  /// Recorded: the pool's answer on Base at block 30,672,597 for an account that was called in the
  /// next block (https://basescan.org/tx/0xf71a2ce14c968faf3ea01ff2d3ce78d3df36a47b01eb2608dc2f69c98a325178).
  @Test func `Aave: a recorded account whose health is below one`() throws {
    let user = EthereumAddress.bytes("0xe9526c721d489464079acb7568c1304af8687298") ?? []
    let pool = EthereumAddress.bytes("0xA238Dd80C259a72e81d7e4664a9801593F98d1c5") ?? []
    let base = EthereumNode(chain: "base", url: "https://node.example")
    let call = AaveV3.account(user, pool: pool, node: base, at: .number(30_672_597))
    let sent = String(decoding: call.request.body ?? [], as: UTF8.self)
    #expect(
      sent.contains(
        "0xbf92857c000000000000000000000000e9526c721d489464079acb7568c1304af8687298"))
    let words = [
      "00000000000000000000000000000000000000000000000000000003624a5d53",
      "00000000000000000000000000000000000000000000000000000002d046b0ef",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "000000000000000000000000000000000000000000000000000000000000206c",
      "0000000000000000000000000000000000000000000000000000000000001f40",
      "0000000000000000000000000000000000000000000000000dda85f7ab3168ad",
    ]
    let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x\(words.joined())\"}"
    let account = try call.read(answer(body))
    #expect(ChainAmount(units: account.collateral, decimals: 8).text == "145.33942611")
    #expect(ChainAmount(units: account.debt, decimals: 8).text == "120.84228335")
    #expect(account.available.isZero)
    #expect(account.thresholdBasisPoints == 8_300)
    #expect(account.health?.text == "0.998257566191544493")
  }

  /// Recorded: what the Aave DAO's safe held on Ethereum at block 26,040,185.
  ///
  /// 51.628… rETH and no wstETH. What the rETH is worth was not recorded; that answer is made by hand.
  @Test func `Rocket Pool and Lido: a recorded holding and a recorded nothing`() throws {
    let safe = EthereumAddress.bytes("0xAA2461f0f0A3dE5fEAF3273eAe16DEF861cf594e") ?? []
    let me = ABI.word(address: safe)
    let block = EthereumNode.Block.number(26_040_185)
    var listed = ListedNode()
    let token = "0xae78736Cd615f374D3085123A210448E74Fc6393"
    listed.set(token, ABI.call("balanceOf(address)", [me]), [word("51628217546317516669")])
    listed.set(
      token, ABI.call("getEthValue(uint256)", [word("51628217546317516669")]),
      [word("60000000000000000000")])
    let pool = try listed.positions(StakedEther.rocketPool(safe, node: node, at: block))
    #expect(pool.map(\.underlying[0].amount.text) == ["60"])
    let (staked, wrapped) =
      ("0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84", "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0")
    for contract in [staked, wrapped] {
      listed.set(contract, ABI.call("balanceOf(address)", [me]), [word("0")])
    }
    listed.set(
      "0x889edC2eDab5f40e902b864aD4d7AdE8E412F9B1",
      ABI.call("getWithdrawalRequests(address)", [me]), [word("32"), word("0")])
    let nothing = try listed.positions(StakedEther.lido(safe, node: node, at: block))
    #expect(nothing == [])
  }

  // Made by hand from https://docs.compound.finance/helper-functions/.
  @Test func `Compound: debt in one asset, security in another`() throws {
    var listed = ListedNode()
    let market = "0xc3d688B66703497DAA19211EEdff47f25384cdc3"
    let me = ABI.word(address: owner)
    for other in [
      market, "0xA17581A9E3356d9A858b789D68B4d866e593aE94",
      "0x3Afdc9BCA9213A35503b077a6072F3D0d5AB0840",
    ] {
      let isMarket = other == market
      listed.set(other, ABI.call("baseToken()"), [word(address: usdc)])
      listed.set(other, ABI.call("decimals()"), [word("6")])
      listed.set(other, ABI.call("balanceOf(address)", [me]), [word("0")])
      listed.set(
        other, ABI.call("borrowBalanceOf(address)", [me]), [word(isMarket ? "2500000" : "0")])
      listed.set(other, ABI.call("numAssets()"), [word(isMarket ? "1" : "0")])
    }
    listed.set(
      market, ABI.call("getAssetInfo(uint8)", [word("0")]),
      [word("0"), word(address: weth), word("0"), word("1000000000000000000")]
        + Array(repeating: word("0"), count: 4))
    listed.set(
      market, ABI.call("userCollateral(address,address)", [me, word(address: weth)]),
      [word("500000000000000000"), word("0")])
    let positions = try listed.positions(CompoundV3.positions(owner, node: node, at: .latest))
    let texts = Set(positions.map { "\($0.kind.rawValue) \($0.underlying[0].amount.text)" })
    #expect(texts == ["borrowed 2.5", "collateral 0.5"])
  }

  // MARK: Uniswap

  /// The ends stand in the contract.
  ///
  /// https://github.com/Uniswap/v3-core/blob/main/contracts/libraries/TickMath.sol
  @Test func `Uniswap: the root prices of the last ticks`() {
    #expect(UniswapMath.rootPrice(tick: -887_272)?.text == "4295128739")
    #expect(
      UniswapMath.rootPrice(tick: 887_272)?.text
        == "1461446703485210103287273052203988822378723970342")
    #expect(UniswapMath.rootPrice(tick: 0) == UInt256(1 << 96))
    #expect(UniswapMath.rootPrice(tick: 887_273) == nil)
  }

  /// Expected amounts recorded by Uniswap's own contract tests: v3-periphery,
  /// test/PositionValue.spec.ts, "principal": 100,000 tokens of each side offered at a price of 1.
  @Test(arguments: [
    (-887_220, 887_220, "99999999999999999999999", "99999999999999999999999"),
    (-887_220, -60, "0", "99999999999999999999999"),
    (60, 887_220, "99999999999999999999999", "0"),
    (-6_000, 887_220, "99999999999999999999999", "25917066770240321655335"),
    (-887_220, 6_000, "25917066770240321655335", "99999999999999999999999"),
  ])
  func `Uniswap: amounts agree with the contracts to the last unit`(
    lower: Int, upper: Int, first: String, second: String
  ) throws {
    let low = try #require(UniswapMath.rootPrice(tick: lower))
    let high = try #require(UniswapMath.rootPrice(tick: upper))
    let price = UInt256(1 << 96)
    let offered = try #require(UInt256(decimal: "100000000000000000000000"))
    // The liquidity that the contract gives for the offer (LiquidityAmounts.sol).
    let (from, to) = (max(low, min(price, high)), min(high, max(price, low)))
    var liquidity = UInt256.max
    if from < high {
      let middle = try #require(from.multiplied(by: high, dividedBy: price))
      let width = try #require(high.subtracting(from))
      liquidity = try #require(offered.multiplied(by: middle, dividedBy: width))
    }
    if to > low {
      let width = try #require(to.subtracting(low))
      liquidity = min(liquidity, try #require(offered.multiplied(by: price, dividedBy: width)))
    }
    let amounts = try #require(
      UniswapMath.amounts(liquidity: liquidity, price: price, between: (low, high)))
    #expect(amounts.first.text == first)
    #expect(amounts.second.text == second)
  }

  /// The position's twelve words are recorded (etherscan's reading of `positions`, shown in
  /// https://github.com/PundiAI/PUNDIX-ETH-UniswapV3-Liquidity-Incentive-Program, step-by-step
  /// guide); the pool's state is made by hand: price at tick -76,000, counters of fees.
  @Test func `Uniswap: a recorded position and what it is made of`() throws {
    var listed = ListedNode()
    let (manager, factory) =
      ("0xC36442b4a4522E871399CD717aBDD847Ab11FE88", "0x1F98431c8aD98523631AE4a59f267346ea31F984")
    let token = "0x0FD10b9899882a6f2fcb5c371E17e70FdEe00C38"
    let pool = "0x" + String(repeating: "9", count: 40)
    let me = ABI.word(address: owner)
    listed.set(manager, ABI.call("balanceOf(address)", [me]), [word("1")])
    listed.set(
      manager, ABI.call("tokenOfOwnerByIndex(address,uint256)", [me, word("0")]), [word("77")])
    listed.set(
      manager, ABI.call("positions(uint256)", [word("77")]),
      [
        word("0"), word("0"), word(address: token), word(address: weth), word("3000"),
        word(signed: -83_040), word(signed: -69_180), word("759171611158708921"), word("0"),
        word("0"), word("0"), word("0"),
      ])
    listed.set(
      factory,
      ABI.call(
        "getPool(address,address,uint24)",
        [word(address: token), word(address: weth), word("3000")]
      ), [word(address: pool)])
    for asset in [token, weth] { listed.set(asset, ABI.call("decimals()"), [word("18")]) }
    let price = try #require(UniswapMath.rootPrice(tick: -76_000))
    listed.set(
      pool, ABI.call("slot0()"),
      [ABI.word(price), word(signed: -76_000)] + Array(repeating: word("0"), count: 5))
    // Both counters stand at 2¹²⁸ for a unit of liquidity, and nothing outside the ends.
    let unit = UInt256(high: 1, low: 0)
    listed.set(pool, ABI.call("feeGrowthGlobal0X128()"), [ABI.word(unit)])
    listed.set(pool, ABI.call("feeGrowthGlobal1X128()"), [word("0")])
    for tick in [-83_040, -69_180] {
      listed.set(
        pool, ABI.call("ticks(int24)", [word(signed: tick)]),
        Array(repeating: word("0"), count: 8))
    }
    let positions = try listed.positions(UniswapV3.positions(owner, node: node, at: .latest))
    let position = try #require(positions.first)
    #expect(positions.count == 1)
    // Worked out apart with 60 digits: L (1/√p - 1/√pb) and L (√p - √pa), p = 1.0001^-76000.
    #expect(position.underlying[0].amount.units.text == "9803193342762452355")
    #expect(position.underlying[1].amount.units.text == "5040016572579315")
    #expect(position.underlying[2].amount.units.text == "759171611158708921")
    #expect(position.underlying[2].part == .reward)
  }

  @Test func `Uniswap: fees counted in circles`() {
    // The counter went past 2²⁵⁶ since it was written down.
    let last = UInt256.max.wrappingSubtracting(UInt256(9))
    let inside = UInt256(high: 1, low: 0).wrappingSubtracting(UInt256(10))
    #expect(UniswapMath.fees(liquidity: UInt256(5), inside: inside, last: last) == UInt256(5))
  }

  // MARK: Counting once

  /// Regression 17: a staked derivative shown twice.
  @Test func `a receipt and its position count once, and nothing vanishes unseen`() {
    let token = AssetID.contract(
      chain: "ethereum", address: "0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0")
    let held = ChainBalance(token, ChainAmount(units: UInt256(2), decimals: 18))
    let ether = ChainBalance(
      .native(chain: "ethereum"), ChainAmount(units: UInt256(3), decimals: 18))
    let position = DeFiPosition(
      venue: "lido", chain: "ethereum", owner: owner, kind: .staked, underlying: [ether],
      receipt: token)
    let (counted, elsewhere) = DeFiTally.counted([held, ether], positions: [position])
    #expect(counted == [ether])
    #expect(elsewhere == [held])
  }

  @Test func `two faces of one balance count once`() {
    let faces = [
      "0xffaa4a3d97fe9107cef8a3f48c069f577ff76cc1", "0x94e8396e0869c9f2200760af0621afd240e1cf38",
    ].map { address in
      ChainBalance(
        .contract(chain: "hyperevm", address: address),
        ChainAmount(units: UInt256(5), decimals: 18))
    }
    let (counted, elsewhere) = DeFiTally.counted(faces, positions: [])
    #expect(counted.count == 1)
    #expect(elsewhere.count == 1)
  }

  @Test func `spoilt answers of contracts give a fault or a value`() {
    var random = Seeded(31)
    let calls = DeFiReader.plan(owner, node: node, at: .latest)
    #expect(calls.count == 7)
    let text = """
      [{"id":1,"result":"0x1"},{"id":2,"result":"0x0000000000000000000000000000000000000000000000000000000000000020ff"},
      {"id":3,"result":"0x00"},{"id":4,"result":"0x01"},{"id":5,"result":"0x01"},{"id":6,"result":"0x01"}]
      """
    for _ in 0..<300 {
      let spoilt = IncomingAnswer(status: 200, body: random.mutated(Array(text.utf8)))
      for call in calls { _ = fault { () throws(ChainFault) in try call.read(spoilt) } }
    }
    for _ in 0..<500 {
      let count = Int.random(in: 0...96, using: &random)
      let reader = ABIReader((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
      _ = fault { () throws(ChainFault) in try reader.text() }
      _ = fault { () throws(ChainFault) in try reader.list() }
      _ = fault { () throws(ChainFault) in try reader.numbers(0) }
      _ = fault { () throws(ChainFault) in try reader.signed(1) }
    }
  }
}
