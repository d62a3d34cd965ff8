internal import Canvas

/// How the screens that show at once share the body: a small tree of rows and columns.
///
/// Never empty, never more than `limit` panes, no screen twice, no split inside one of the same
/// direction. `text` and `init(parsing:)` are the form of the settings file.
struct Arrangement: Hashable, Sendable {
  /// The most panes.
  static let limit = 4
  /// The largest weight of a pane beside the others of its split.
  static let weightLimit = 9
  /// The smallest pane that still says something.
  static let leastPane = Size(width: 38, height: 8)

  /// Which way panes follow each other.
  enum Axis: Hashable, Sendable {
    case beside
    case below
  }

  /// One screen, or several things side by side.
  indirect enum Node: Hashable, Sendable {
    case pane(Screen)
    case split(Axis, [Part])
  }

  /// A part of a split and how much of it it gets.
  struct Part: Hashable, Sendable {
    var node: Node
    var weight = 1
  }

  private(set) var root: Node

  /// One screen alone.
  init(_ screen: Screen) { root = .pane(screen) }

  /// A tree of any shape; `nil` where it breaks a rule that cannot be mended.
  init?(_ node: Node) {
    guard let root = Arrangement.normal(node) else { return nil }
    self.root = root
    let screens = screens
    guard screens.count <= Arrangement.limit, Set(screens).count == screens.count else {
      return nil
    }
  }

  /// The screens, from the left to the right and from the top to the bottom.
  var screens: [Screen] { Arrangement.screens(of: root) }

  var isSplit: Bool { if case .split = root { true } else { false } }

  func contains(_ screen: Screen) -> Bool { screens.contains(screen) }

  /// Whether another pane may be added.
  var hasRoom: Bool { screens.count < Arrangement.limit }

  // MARK: Changes

  /// Shows another screen beside or below one; false where that is not possible.
  mutating func split(_ screen: Screen, _ axis: Axis, with new: Screen) -> Bool {
    guard hasRoom, contains(screen), !contains(new) else { return false }
    root = Arrangement.split(root, at: screen, axis, with: new)
    return true
  }

  /// Takes a screen away; false for the last one.
  mutating func remove(_ screen: Screen) -> Bool {
    guard isSplit, contains(screen), let rest = Arrangement.without(screen, root) else {
      return false
    }
    root = rest
    return true
  }

  /// Shows a screen in the place of another; nothing happens where it shows already.
  mutating func replace(_ screen: Screen, with new: Screen) {
    guard !contains(new) else { return }
    root = Arrangement.replaced(root, screen, with: new)
  }

  private static func split(
    _ node: Node, at screen: Screen, _ axis: Axis, with new: Screen
  ) -> Node {
    switch node {
    case .pane(let own):
      guard own == screen else { return node }
      return .split(axis, [Part(node: node), Part(node: .pane(new))])
    case .split(let own, var parts):
      if own == axis, let index = parts.firstIndex(where: { $0.node == .pane(screen) }) {
        // Beside one of the same direction it is one more of the same size.
        parts.insert(Part(node: .pane(new), weight: parts[index].weight), at: index + 1)
      } else {
        for index in parts.indices {
          parts[index].node = split(parts[index].node, at: screen, axis, with: new)
        }
      }
      return .split(own, parts)
    }
  }

  private static func without(_ screen: Screen, _ node: Node) -> Node? {
    switch node {
    case .pane(let own): return own == screen ? nil : node
    case .split(let axis, let parts):
      let rest = parts.compactMap { part in
        without(screen, part.node).map { Part(node: $0, weight: part.weight) }
      }
      return normal(.split(axis, rest))
    }
  }

  private static func replaced(_ node: Node, _ screen: Screen, with new: Screen) -> Node {
    switch node {
    case .pane(let own): return own == screen ? .pane(new) : node
    case .split(let axis, let parts):
      return .split(
        axis, parts.map { Part(node: replaced($0.node, screen, with: new), weight: $0.weight) })
    }
  }

  /// The same without splits of one part and without splits in splits of their direction.
  private static func normal(_ node: Node) -> Node? {
    guard case .split(let axis, let parts) = node else { return node }
    var flat: [Part] = []
    for part in parts {
      guard let inner = normal(part.node) else { continue }
      if case .split(axis, let more) = inner {
        flat += more
      } else {
        let weight = min(max(part.weight, 1), weightLimit)
        flat.append(Part(node: inner, weight: weight))
      }
    }
    guard let first = flat.first else { return nil }
    // Where all get the same it does not matter how much that is.
    if flat.count > 1, flat.allSatisfy({ $0.weight == first.weight }) {
      for index in flat.indices { flat[index].weight = 1 }
    }
    return flat.count == 1 ? first.node : .split(axis, flat)
  }

  private static func screens(of node: Node) -> [Screen] {
    switch node {
    case .pane(let screen): [screen]
    case .split(_, let parts): parts.flatMap { screens(of: $0.node) }
    }
  }
}

// MARK: - Places

extension Arrangement {
  /// Where each screen stands in a body.
  ///
  /// - Parameters:
  ///   - body: What is shared; the places cover all of it and never overlap.
  ///   - grown: A screen that gets two thirds of every split it is in.
  /// - Returns: The screens with their places; `nil` where a pane would be too small.
  func places(in body: Rect, grown: Screen? = nil) -> [(screen: Screen, place: Rect)]? {
    let least = Arrangement.least(root)
    guard body.size.holds(width: least.width, height: least.height) else { return nil }
    return Arrangement.places(root, in: body, grown: grown)
  }

  /// The least extent that a tree needs.
  private static func least(_ node: Node) -> Size {
    guard case .split(let axis, let parts) = node else { return leastPane }
    let sizes = parts.map { least($0.node) }
    let widths = sizes.map(\.width)
    let heights = sizes.map(\.height)
    return switch axis {
    case .beside: Size(width: widths.reduce(0, +), height: heights.max() ?? 0)
    case .below: Size(width: widths.max() ?? 0, height: heights.reduce(0, +))
    }
  }

  private static func places(
    _ node: Node, in rect: Rect, grown: Screen?
  ) -> [(screen: Screen, place: Rect)] {
    switch node {
    case .pane(let screen): return [(screen, rect)]
    case .split(let axis, let parts):
      let sum = parts.reduce(0) { $0 + $1.weight }
      let shares = parts.map { part in
        let isGrown = grown.map { screens(of: part.node).contains($0) } ?? false
        let size = least(part.node)
        return (
          weight: isGrown ? max(part.weight, 2 * (sum - part.weight)) : part.weight,
          least: axis == .beside ? size.width : size.height
        )
      }
      let total = axis == .beside ? rect.width : rect.height
      let lengths = Arrangement.lengths(of: total, shares).map { Share.fixed($0) }
      let rects = axis == .beside ? rect.columns(lengths) : rect.rows(lengths)
      return zip(parts, rects).flatMap { places($0.node, in: $1, grown: grown) }
    }
  }

  /// Shares a length by weights; who would get less than the least gets that before the others share.
  private static func lengths(of total: Int, _ shares: [(weight: Int, least: Int)]) -> [Int] {
    var lengths = shares.map(\.least)
    var free = Set(shares.indices)
    while true {
      let left = total - shares.indices.filter { !free.contains($0) }.reduce(0) { $0 + lengths[$1] }
      let weights = free.reduce(0) { $0 + shares[$1].weight }
      let short = free.filter { left * shares[$0].weight < shares[$0].least * weights }
      guard short.isEmpty else {
        free.subtract(short)
        continue
      }
      var (rest, pull) = (left, weights)
      for index in free.sorted() {
        lengths[index] = rest * shares[index].weight / pull
        rest -= lengths[index]
        pull -= shares[index].weight
      }
      return lengths
    }
  }
}
