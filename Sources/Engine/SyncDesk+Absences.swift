import Ledger
import Prices
import VenueKit

// Why there is no price: nobody asked, nobody knows, or somebody would but must wait.

extension SyncDesk {
  /// Why assets have no price that is fresh, as far as asking venues can tell.
  ///
  /// - Parameters:
  ///   - assets: Canonical assets without a fresh price.
  ///   - now: When.
  /// - Returns: A reason for each.
  /// - Complexity: O(assets · venues).
  func absences(of assets: [AssetID], at now: Instant) -> [AssetID: PriceAbsence] {
    if assets.isEmpty { return [:] }
    let rests = resting(at: now)
    let places = prices.places
    var absences: [AssetID: PriceAbsence] = [:]
    for asset in assets {
      absences[asset] = absence(Set((places[asset] ?? []).map(\.venue)), rests)
    }
    return absences
  }

  /// Until when venues are not asked.
  private func resting(at now: Instant) -> [String: Instant] {
    var rests: [String: Instant] = [:]
    for state in limiter.venueStates(at: now) where prices.plans[state.venue] != nil {
      if case .banned(let until) = state.health { rests[state.venue] = until }
    }
    for bucket in limiter.buckets(at: now) {
      guard let until = bucket.pausedUntil, prices.plans[bucket.venue] != nil else { continue }
      rests[bucket.venue] = max(rests[bucket.venue] ?? until, until)
    }
    return rests
  }

  private func absence(
    _ venues: Set<String>, _ rests: [String: Instant]
  ) -> PriceAbsence {
    if isOffline { return PriceAbsence(.offline) }
    if prices.plans.isEmpty { return PriceAbsence(.neverAsked) }
    guard !venues.isEmpty else {
      let known = prices.plans.filter { !$0.value.markets.isEmpty }.keys
      return PriceAbsence(known.isEmpty ? .waiting : .noMarket, venues: Array(known))
    }
    let resting = venues.filter { rests[$0] != nil }
    if resting.count == venues.count {
      return PriceAbsence(
        .rateLimited, venues: Array(resting), until: resting.compactMap { rests[$0] }.min())
    }
    let failed = venues.filter { prices.words[$0] == .failed }
    if failed.union(resting).count == venues.count {
      return PriceAbsence(.notAnswering, venues: Array(failed))
    }
    let answered = venues.filter { prices.words[$0] == .answered }
    return answered.isEmpty
      ? PriceAbsence(.waiting, venues: Array(venues))
      : PriceAbsence(.silent, venues: Array(answered))
  }
}
