/// Which recorded assets are the same thing.
///
/// Entries keep the asset as their source named it; positions are added up over the canonical one.
/// A link can be taken back: the records do not change.
public struct AssetLinks: Equatable, Sendable {
  /// What the user said, by recorded asset; it wins over what is known.
  public private(set) var stated: [AssetID: AssetID]

  /// Starts from the user's own links.
  public init(stated: [AssetID: AssetID] = [:]) {
    self.stated = stated
  }

  /// The canonical asset: the user's link, else a well-known one, else itself.
  ///
  /// Chains of links are followed at most eight steps, so that a circle ends.
  public func canonical(_ asset: AssetID) -> AssetID {
    var current = asset
    for _ in 0..<8 {
      guard let next = stated[current] ?? KnownAssets.canonical(current), next != current
      else { return current }
      current = next
    }
    return current
  }

  /// Says that a recorded asset is another one.
  ///
  /// - Parameters:
  ///   - asset: As recorded.
  ///   - canonical: What it is.
  /// - Throws: `LinkFault` where the link would close a circle.
  public mutating func link(_ asset: AssetID, to canonical: AssetID) throws(LinkFault) {
    if self.canonical(canonical) == asset || asset == canonical { throw .circle }
    stated[asset] = canonical
  }

  /// Takes a link back.
  public mutating func unlink(_ asset: AssetID) {
    stated[asset] = nil
  }
}

/// Why a link is refused.
public enum LinkFault: Error, Hashable, Sendable {
  /// The target leads back to the asset.
  case circle
}
