internal import Amounts
internal import Ledger
internal import Portfolio

/// What positions are put together by.
enum PositionGrouping: String, CaseIterable, Sendable {
  case none
  case venue
  case account
  case sleeve
  case chain
  case issuer

  /// Whether a position may lie in several groups with a part of it in each.
  var hasParts: Bool {
    switch self {
    case .venue, .account, .sleeve: true
    case .none, .chain, .issuer: false
    }
  }

  /// What several of the groups are called.
  var plural: String {
    switch self {
    case .none: ""
    case .venue: "venues"
    case .account: "accounts"
    case .sleeve: "sleeves"
    case .chain: "chains"
    case .issuer: "issuers"
    }
  }

  /// The grouping that follows in the round.
  var next: PositionGrouping {
    let all = PositionGrouping.allCases
    let index = all.firstIndex(of: self) ?? 0
    return all[(index + 1) % all.count]
  }
}

/// A group of a list and what it holds, in the order shown.
struct PositionGroup: Hashable, Sendable {
  /// The name of the venue, book, chain or issuer, or the short name of the account; empty for what
  /// has none.
  let key: String
  /// The slots of its positions.
  var slots: [Int]
}

/// What a group adds up to.
struct GroupFigures: Sendable {
  var sum = GroupSum()
  /// What of it has a price of 24 hours ago, and what that was worth then; for a percentage only.
  private(set) var dayValue = 0.0
  private(set) var dayOpen = 0.0
  /// How many of its parts have no such price.
  private(set) var daysMissing = 0
  /// What the lots of known cost have cost, and would bring above that.
  private(set) var cost = Fixed.zero
  private(set) var gain = Fixed.zero
  /// How many of its parts have a cost, and how many of them or beside them miss some of it.
  private(set) var costs = 0
  private(set) var costsMissing = 0

  /// The change over 24 hours of what has a price of then.
  var dayRatio: Double? { dayOpen > 0 ? (dayValue - dayOpen) / dayOpen : nil }

  /// What would be gained for what was paid.
  var gainRatio: Double? { costs > 0 ? Figures.ratio(gain, of: cost) : nil }

  /// Counts a part of a position in.
  mutating func add(_ row: PositionRow, value: Fixed?, _ state: FigureState, isWhole: Bool) {
    sum.count(value, state, sign: 1)
    if let value {
      if let ratio = row.dayRatio, ratio > -1 {
        dayValue += value.approximate
        dayOpen += value.approximate / (1 + ratio)
      } else {
        daysMissing += 1
      }
    }
    guard let basis = row.cost, isWhole else {
      // Money has no cost, whole or in parts.
      if row.cost?.isCash != true { costsMissing += 1 }
      return
    }
    if basis.isCash { return }
    guard let paid = basis.cost, let above = basis.unrealised, let more = try? cost.adding(paid),
      let won = try? gain.adding(above)
    else {
      costsMissing += 1
      return
    }
    (cost, gain) = (more, won)
    costs += 1
    if basis.isPartial { costsMissing += 1 }
  }
}

extension PositionBoard {
  /// The group that a share lies in.
  func group(of share: AccountShare, by grouping: PositionGrouping) -> String {
    let account = account(share.account)
    switch grouping {
    case .venue: return (account?.venue ?? "").shortened(to: 128)
    case .sleeve: return (account?.book.name ?? "").shortened(to: 128)
    default: return share.account.slug
    }
  }

  /// The groups that a position lies in, in the order of its shares.
  func groups(of row: PositionRow, by grouping: PositionGrouping) -> [String] {
    switch grouping {
    case .none: return []
    case .chain: return [row.position.asset.chain ?? ""]
    case .issuer: return [row.position.asset.issuer ?? ""]
    case .venue, .account, .sleeve:
      var groups: [String] = []
      for share in row.position.shares {
        let group = group(of: share, by: grouping)
        if !groups.contains(group) { groups.append(group) }
      }
      return groups
    }
  }

  /// What of a position lies in a group; `nil` where nothing does.
  func part(of row: PositionRow, in group: String, by grouping: PositionGrouping) -> PositionRow? {
    guard grouping.hasParts else { return row }
    let all = row.position.shares
    let shares = all.filter { self.group(of: $0, by: grouping) == group }
    if shares.isEmpty { return nil }
    if shares.count == all.count { return row }
    let old = shares.compactMap { extras.oldAccounts[$0.account.slug].map { $0.readAt ?? 0 } }
    return PositionRow(part: shares, of: row, oldSince: old.min())
  }

  /// What a group adds up to; what is folded away is in no sum.
  func figures(
    of group: PositionGroup, by grouping: PositionGrouping, state: (Position) -> FigureState
  ) -> GroupFigures {
    var figures = GroupFigures()
    for slot in group.slots {
      guard let row = row(slot), !row.position.isFolded else { continue }
      var part = Share(value: row.position.value, isOld: row.oldSince != nil, isWhole: true)
      if grouping.hasParts { part = share(of: row, in: group.key, by: grouping) }
      let known = part.value == nil ? .unknown : state(row.position)
      figures.add(
        row, value: part.value, known == .live && part.isOld ? .stale : known,
        isWhole: part.isWhole)
    }
    figures.sum.unread = unread(in: group.key, by: grouping)
    return figures
  }

  /// What counts of a position in a group.
  private struct Share {
    var value: Fixed?
    var isOld: Bool
    var isWhole: Bool
  }

  /// What a group has of a position, without making a row of it.
  private func share(
    of row: PositionRow, in group: String, by grouping: PositionGrouping
  ) -> Share {
    var part = Share(value: .zero, isOld: false, isWhole: true)
    for share in row.position.shares {
      guard self.group(of: share, by: grouping) == group else {
        part.isWhole = false
        continue
      }
      if extras.oldAccounts[share.account.slug] != nil { part.isOld = true }
      part.value = part.value.flatMap { sum in share.value.flatMap { try? sum.adding($0) } }
    }
    return part
  }

  /// How many accounts of a group were never read to the end.
  private func unread(in group: String, by grouping: PositionGrouping) -> Int {
    totals.unread.count { id in
      let account = account(id)
      switch grouping {
      case .account: return id.slug == group
      case .venue: return account?.venue == group
      case .sleeve: return account?.book.name == group
      case .none, .chain, .issuer: return false
      }
    }
  }

  /// What a group is called.
  func title(ofGroup key: String, by grouping: PositionGrouping) -> String {
    switch grouping {
    case .account:
      let name = account(AccountID(named: key))?.name ?? key
      return name.shortened(to: 128)
    case .chain where key.isEmpty: return "no chain"
    case .issuer where key.isEmpty: return "no issuer"
    case .venue where key.isEmpty: return "no venue"
    default: return key
    }
  }
}

extension PositionRow {
  /// The part of a position that lies in some of its accounts.
  ///
  /// Its cost is not known: lots may belong to all accounts together.
  init(part shares: [AccountShare], of whole: PositionRow, oldSince: Int64?) {
    let position = whole.position
    func sum(_ amounts: [Fixed]) -> Fixed? {
      var sum = Fixed.zero
      for amount in amounts {
        guard let next = try? sum.adding(amount) else { return nil }
        sum = next
      }
      return sum
    }
    let quantity = sum(shares.map(\.quantity.fixed)) ?? .zero
    let values = shares.compactMap(\.value)
    let open = position.dayOpenValue.flatMap { all -> Fixed? in
      guard !position.quantity.isZero,
        let product = try? all.multiplied(by: quantity, rounding: .halfEven)
      else { return nil }
      return try? product.divided(by: position.quantity.fixed, rounding: .halfEven)
    }
    self.init(
      whole,
      Position(
        asset: position.asset, quantity: Quantity(quantity),
        staked: Quantity(sum(shares.map(\.staked.fixed)) ?? .zero), price: position.price,
        value: values.count == shares.count ? sum(values) : nil, dayOpenValue: open,
        shares: shares, absence: position.absence, difference: position.difference,
        screening: position.screening, dayBasis: position.dayBasis),
      oldSince: oldSince)
  }
}
