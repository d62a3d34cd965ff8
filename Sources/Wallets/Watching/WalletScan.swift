public import Encodings

/// Finds the used addresses of a wallet: a gap search together with the questions it needs.
///
/// Ask for `next`, look the addresses up, give every answer to `record`; repeat until `isComplete`.
/// A look-up that failed is not recorded and comes again.
public struct WalletScan: Sendable {
  /// The wallet.
  public let wallet: WatchedWallet
  /// What is known so far.
  public private(set) var gaps: GapScan

  /// One child with its addresses.
  public struct Question: Hashable, Sendable {
    /// Which child.
    public let place: GapScan.Place
    /// Its addresses; usually one.
    public let addresses: [String]
  }

  /// Starts a search.
  ///
  /// - Parameters:
  ///   - wallet: The wallet; a single address is a search of one child.
  ///   - gap: The stretch of unused children that ends the search.
  public init(_ wallet: WatchedWallet, gap: UInt32 = 20) {
    self.wallet = wallet
    gaps =
      wallet.isRanged
      ? GapScan(branches: wallet.branches, gap: gap)
      : GapScan(branches: wallet.branches, gap: 1, limit: 1)
  }

  /// The next children to look up.
  ///
  /// - Parameters:
  ///   - count: How many at most.
  ///   - tools: Hashes and the curve.
  /// - Returns: The children; none when the search is over.
  /// - Throws: `WalletFault` where a child has no address.
  public func next(_ count: Int, tools: SigningTools) throws(WalletFault) -> [Question] {
    var questions: [Question] = []
    for place in gaps.next(count) {
      let addresses = try wallet.addresses(place.index, branch: place.branch, tools: tools)
      questions.append(Question(place: place, addresses: addresses))
    }
    return questions
  }

  /// Takes the answer for a child.
  public mutating func record(_ place: GapScan.Place, isUsed: Bool) {
    gaps.record(place, isUsed: isUsed)
  }

  /// Whether the search is over.
  public var isComplete: Bool { gaps.isComplete }
}
