extension Registry {
  /// Formats of trading venues.
  static let venues: [ImportFormat] = []
}
