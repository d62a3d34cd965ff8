/// The venues that are known where it is used: those built in, and those that adapters add.
public struct VenueCatalogue: Sendable {
  /// Every venue, those built in first.
  public let all: [Venue]
  private let places: [String: Int]

  /// Gathers venues; of equal ids the first counts.
  public init(_ venues: [Venue]) {
    var all: [Venue] = []
    var places: [String: Int] = [:]
    for venue in venues where places[venue.id] == nil {
      places[venue.id] = all.count
      all.append(venue)
    }
    self.all = all
    self.places = places
  }

  /// The ids of all of them.
  public var ids: Set<String> { Set(places.keys) }

  /// The venue of an id.
  public func named(_ id: String) -> Venue? { places[id].map { all[$0] } }

  /// Whether there is a venue of an id.
  public func knows(_ id: String) -> Bool { places[id] != nil }

  /// A stream of a venue, by its place among the venue's streams; a whole venue, which is large,
  /// isn't copied for it.
  public func stream(of id: String, _ index: Int) -> Stream? {
    guard let place = places[id], all[place].streams.indices.contains(index) else { return nil }
    return all[place].streams[index]
  }

  /// These and others after them.
  public func adding(_ others: [Venue]) -> VenueCatalogue { VenueCatalogue(all + others) }
}
