/// The lanes of an account, by id and by place, and which of them may have changed.
///
/// An account may have thousands: who wants to know which of them have something to do looks at the
/// few that were touched, not at all.
struct LaneTable: Sendable {
  /// Lanes in the order they were added; `nil` for one that was taken out for a moment.
  private var slots: [Lane?] = []
  private var places: [LaneID: Int] = [:]
  private var isTouched: [Bool] = []
  private var touched: [Int] = []

  init() {}

  /// How many there are, those that were taken out included.
  var count: Int { slots.count }
  /// Their ids, in no order that means anything.
  var ids: [LaneID] { Array(places.keys) }

  /// The lane of an id; whoever changes one leaves a mark on it.
  subscript(_ id: LaneID) -> Lane? {
    _read {
      guard let place = places[id] else {
        yield nil
        return
      }
      yield slots[place]
    }
    _modify {
      let place = place(makingPlaceFor: id)
      touch(place)
      yield &slots[place]
    }
  }

  /// The lane at a place; changing it leaves no mark.
  subscript(place place: Int) -> Lane? {
    _read { yield slots[place] }
    _modify { yield &slots[place] }
  }

  /// Where a lane is; it stays there.
  func place(of id: LaneID) -> Int? { places[id] }

  /// Takes a lane out, to be put back, so that changing it does not copy it.
  mutating func take(_ id: LaneID) -> Lane? {
    guard let place = places[id] else { return nil }
    touch(place)
    return slots[place].take()
  }

  /// Marks the lane at a place.
  mutating func touch(_ place: Int) {
    if isTouched[place] { return }
    isTouched[place] = true
    touched.append(place)
  }

  /// Marks all lanes.
  mutating func touchAll() {
    for place in slots.indices { touch(place) }
  }

  /// The places of the lanes with a mark, which they lose.
  mutating func takeTouched() -> [Int] {
    for place in touched { isTouched[place] = false }
    defer { touched.removeAll(keepingCapacity: true) }
    return touched
  }

  private mutating func place(makingPlaceFor id: LaneID) -> Int {
    if let place = places[id] { return place }
    slots.append(nil)
    isTouched.append(false)
    places[id] = slots.count - 1
    return slots.count - 1
  }
}
