import Ledger
import Risk
import Wire

extension EngineCore {
  /// Says which boards clients look at.
  mutating func lookAtFigures(at now: Instant) -> [EngineEffect] {
    let names = Set(clients.values.flatMap(\.boards))
    return withFigures(at: now) { figures, _ in figures.look(at: names, at: now) }
  }

  /// Takes in what was computed beside the loop.
  mutating func take(_ result: RiskResult, at now: Instant) -> [EngineEffect] {
    guard case .answer(let work, let report) = result else {
      return withFigures(at: now) { figures, _ in figures.take(result, at: now) }
        + [wake(after: now)]
    }
    guard let errand = errands.removeValue(forKey: work) else { return [] }
    return [.send(errand.client, .report(id: errand.id, report))]
  }

  /// How many assets have returns, and how many of those; for measuring.
  var modelledRisk: (assets: Int, returns: Int) {
    (figures?.risk.model?.grid.assets.count ?? 0, figures?.risk.model?.starts.count ?? 0)
  }

  mutating func use(_ limits: RiskLimits, at now: Instant) {
    guard var settings = figures?.risk.settings else { return }
    settings.limits = limits
    figures?.use(settings, at: now)
  }

  mutating func use(_ choice: RiskChoice, at now: Instant) {
    guard var settings = figures?.risk.settings else { return }
    settings.benchmark = choice.benchmark
    settings.window = choice.window
    figures?.use(settings, at: now)
  }

  mutating func askRisk(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    do throws(Refusal) {
      figures?.renewRisk(at: now)
      guard let risk = figures?.risk else { throw Refusal(.locked, "the vault is locked") }
      switch try RiskAsk(request, risk, volumes: desk?.prices.volumes ?? [:], at: now).way {
      case .report(let report):
        return [.send(errand.client, .report(id: errand.id, report))]
      case .compute(let question):
        guard errands.values.count(where: { $0.client == errand.client }) < EngineCore.mostErrands
        else { throw Refusal(.busy, "too many requests at once") }
        lastWork += 1
        let work = WorkID(number: lastWork)
        errands[work] = errand
        return [.compute(.answer(work, risk.input(at: now), question))]
      }
    } catch {
      return refuse(errand, error)
    }
  }
}
