/// Why a figure is not given.
///
/// A wrong number is worse than none: what cannot be estimated is refused with what would be needed.
public enum RiskRefusal: Error, Hashable, Sendable {
  /// There are too few observations.
  case tooFew(have: Int, needed: Int)
  /// An asset has too short a history and nothing may stand in for it.
  case noHistory(asset: String, have: Int, needed: Int)
  /// The portfolio's value does not vary in the window, or it holds nothing.
  case noVariance
  /// The confidence is not between one half and 1.
  case notAConfidence(Double)
}

/// How many observations a figure needs before it is shown.
///
/// Source of the numbers: 250 days is the year that the Basel back-test takes
/// (https://www.bis.org/publ/bcbs22.htm); the others follow from what they are used for, as said.
public struct RiskStandards: Hashable, Sendable {
  /// Returns behind a historical value at risk; a tail of 1% has then two or three of them.
  public var historical: Int
  /// Returns behind a covariance or a volatility.
  public var covariance: Int
  /// Common returns behind the beta of an asset whose history is too short.
  public var beta: Int

  /// Sets how many observations are needed.
  ///
  /// - Parameters:
  ///   - historical: Behind a historical value at risk.
  ///   - covariance: Behind a covariance or a volatility.
  ///   - beta: Behind the beta of an asset whose history is too short.
  public init(historical: Int = 250, covariance: Int = 60, beta: Int = 20) {
    self.historical = historical
    self.covariance = covariance
    self.beta = beta
  }
}

/// What a figure rests on; stands beside it wherever it is shown.
public struct Evidence: Hashable, Sendable {
  /// The number of observations.
  public let sampleSize: Int
  /// The first bar of the window.
  public let from: String
  /// The last bar of the window.
  public let to: String
  /// The assets whose returns are partly another's.
  public let proxies: [ProxyUse]
}

/// A part of an asset's history that another asset stood in for.
public struct ProxyUse: Hashable, Sendable {
  /// The asset.
  public let asset: String
  /// What stands in.
  public let proxy: String
  /// What the proxy's returns were multiplied with.
  public let beta: Double
  /// The common returns behind the beta.
  public let commonReturns: Int
  /// How many returns of the window are the proxy's.
  public let filledReturns: Int

  /// States a use.
  ///
  /// - Parameters:
  ///   - asset: The asset.
  ///   - proxy: What stands in.
  ///   - beta: What the proxy's returns are multiplied with.
  ///   - commonReturns: The common returns behind the beta.
  ///   - filledReturns: How many returns of the window are the proxy's.
  public init(
    asset: String, proxy: String, beta: Double, commonReturns: Int, filledReturns: Int
  ) {
    self.asset = asset
    self.proxy = proxy
    self.beta = beta
    self.commonReturns = commonReturns
    self.filledReturns = filledReturns
  }
}
