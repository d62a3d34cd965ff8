/// What one answer told about an address, and what to ask next.
public struct ChainReading: Sendable {
  /// Whose.
  public let address: String
  /// What was found; to be added to what other answers of the same plan tell.
  public let account: ChainAccount
  /// Further pages of the same list.
  public let more: [ChainCall<ChainReading>]
}

/// Asks one server for the balances of addresses.
///
/// A plan is a list of questions; each answer may bring further ones. A reading is complete when
/// every question was answered: what is missing until then is unknown, and no total may be shown
/// for it. At most `mostPages` pages are followed.
public struct ChainReader: Sendable {
  /// How many pages of one list are followed.
  public static let mostPages = 200
  /// Whom to ask.
  public let server: ChainServer

  /// Asks a server.
  public init(server: ChainServer) {
    self.server = server
  }

  /// The questions for some addresses.
  ///
  /// - Parameters:
  ///   - addresses: Checked addresses of the server's chain.
  ///   - tokens: Contracts to ask for, on chains whose nodes do not list an address's tokens.
  ///   - block: The block that is asked for, on chains made like Ethereum.
  /// - Returns: The questions, in any order.
  public func plan(
    for addresses: [String], tokens: [TokenContract] = [], at block: EthereumNode.Block = .latest
  ) -> [ChainCall<ChainReading>] {
    if server.kind == .ethereum { return ethereum(addresses, tokens, block) }
    return addresses.flatMap { address in
      lists(address).map { list in page(list, address, nil, ChainReader.mostPages) }
    }
  }

  /// A question for a list, given the page.
  private typealias List = @Sendable (String?) -> ChainCall<ChainAccount>

  private func page(
    _ list: @escaping List, _ address: String, _ page: String?, _ left: Int
  ) -> ChainCall<ChainReading> {
    let reader = self
    return list(page).map { account throws(ChainFault) in
      guard let next = account.nextPage else {
        return ChainReading(address: address, account: account, more: [])
      }
      guard left > 1 else { throw .malformed("a list without end") }
      let more = reader.page(list, address, next, left - 1)
      return ChainReading(address: address, account: account, more: [more])
    }
  }

  private func lists(_ address: String) -> [List] {
    let (url, chain) = (server.url, server.chain)
    switch server.kind {
    // Electrum's servers want scripts instead of addresses: `ElectrumNode`.
    case .ethereum, .electrum: return []
    case .esplora: return [{ _ in EsploraServer(chain: chain, url: url).account(address) }]
    case .blockbook: return [{ _ in BlockbookServer(chain: chain, url: url).account(address) }]
    case .solana:
      let node = SolanaNode(url: url)
      let programs = SolanaNode.tokenPrograms.map { program -> List in
        { _ in node.tokens(address, program: program) }
      }
      return [{ _ in node.balance(address) }] + programs
    case .xrp:
      return [
        { _ in XRPServer.account(address, url: url) },
        { XRPServer.tokens(address, url: url, page: $0) },
      ]
    case .stellar: return [{ _ in StellarServer.account(address, url: url) }]
    case .cosmos:
      let server = CosmosServer(chain: chain, url: url)
      return [
        { server.balances(address, page: $0) }, { server.staked(address, page: $0) },
        { server.unbonding(address, page: $0) }, { _ in server.rewards(address) },
      ]
    case .tron:
      return [
        { _ in TronServer.account(address, url: url) },
        { _ in TronServer.tokens(address, url: url) },
      ]
    default: return [{ _ in account(address) }]
    }
  }

  /// Chains with one question.
  private func account(_ address: String) -> ChainCall<ChainAccount> {
    let url = server.url
    switch server.kind {
    case .substrate: return AccountServer.substrate(address, chain: server.chain, url: url)
    case .near: return AccountServer.near(address, url: url)
    case .ton: return AccountServer.ton(address, url: url)
    case .koios: return AccountServer.koios(address, url: url)
    case .blockfrost: return AccountServer.blockfrost(address, url: url)
    case .algorand: return AccountServer.algorand(address, url: url)
    case .tezos: return AccountServer.tezos(address, url: url)
    case .aptos: return AccountServer.aptos(address, url: url)
    case .sui: return AccountServer.sui(address, url: url)
    case .hedera: return AccountServer.hedera(address, url: url)
    case .filecoin: return AccountServer.filecoin(address, url: url)
    case .nano: return AccountServer.nano(address, url: url)
    default: return AccountServer.multiversx(address, url: url)
    }
  }

  // MARK: Ethereum

  /// One batch an address: its coin and every token, all of one block where one is named.
  private func ethereum(
    _ addresses: [String], _ tokens: [TokenContract], _ block: EthereumNode.Block
  ) -> [ChainCall<ChainReading>] {
    let node = EthereumNode(chain: server.chain, url: server.url)
    return addresses.flatMap { address -> [ChainCall<ChainReading>] in
      guard let owner = EthereumAddress.bytes(address) else { return [] }
      var questions = [EthereumNode.BalanceQuestion(owner: owner)]
      for token in tokens { questions.append(.init(owner: owner, token: token.address)) }
      let assets: [TokenContract?] = [nil] + tokens
      return node.balances(questions, at: block).enumerated().map { index, call in
        let start = index * EthereumNode.largestBatch
        let part = Array(assets[start..<min(start + EthereumNode.largestBatch, assets.count)])
        return call.map { answers throws(ChainFault) in
          let account = try node.account(answers, part)
          return ChainReading(address: address, account: account, more: [])
        }
      }
    }
  }
}

/// A token of a chain made like Ethereum.
public struct TokenContract: Hashable, Sendable {
  /// The contract, 20 bytes.
  public let address: [UInt8]
  /// What it calls itself.
  public let symbol: String
  /// Its decimals.
  public let decimals: Int

  /// Names a token.
  public init(address: [UInt8], symbol: String, decimals: Int) {
    self.address = address
    self.symbol = symbol
    self.decimals = decimals
  }
}
