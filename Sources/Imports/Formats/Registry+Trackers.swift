extension Registry {
  /// Formats of portfolio trackers and of block explorers.
  static let trackers: [ImportFormat] = []
}
