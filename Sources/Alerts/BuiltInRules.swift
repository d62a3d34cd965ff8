import Amounts

extension AlertRule {
  /// The rules that hold where the user's file says nothing else of that name.
  ///
  /// They are few and wide, so that a holder who never wrote a rule is told of what would be bad not
  /// to know: that something is no longer read, that books differ, that a coin leaves its peg, that
  /// a price cannot be trusted, that much is lost, that prices stopped coming, that a strike is not made.
  public static let builtIn: [AlertRule] = [
    syncSilent, syncStopped, breakOpened, depeg, priceDisputed, dayFall, navFall, feedSilent,
    sinkStuck, anomaly, riskLimit, strikeHeld,
  ]

  private static func number(_ whole: Int64, overHundred hundredths: Int64 = 0) -> Fixed {
    let sign: Int128 = whole < 0 || hundredths < 0 ? -1 : 1
    let units = Int128(whole.magnitude) * Fixed.scale
    return Fixed(units: sign * (units + Int128(hundredths.magnitude) * (Fixed.scale / 100)))
  }

  private static let syncSilent: AlertRule = {
    let levels = Levels(raise: number(1_800), critical: number(86_400), clear: number(900))
    var rule = AlertRule("sync-silent", "account:*:age", .threshold(.above, levels))
    rule.group = "sync"
    rule.runbook = "coffer account status says what is wrong with the account and what to do."
    return rule
  }()

  private static let syncStopped: AlertRule = {
    let levels = Levels(raise: .zero, clear: .zero)
    var rule = AlertRule("sync-stopped", "account:*:stopped", .threshold(.above, levels))
    rule.group = "sync"
    rule.forSeconds = 30
    rule.holdSeconds = 0
    rule.runbook = "Nothing is read until you act: coffer account status names the step."
    return rule
  }()

  private static let riskLimit: AlertRule = {
    let levels = Levels(raise: number(100), clear: number(95))
    var rule = AlertRule("risk-limit", "limit:*", .threshold(.above, levels))
    rule.forSeconds = 60
    rule.holdSeconds = 900
    rule.runbook = "coffer risk limits shows what is used; coffer risk --parts who bears it."
    return rule
  }()

  private static let breakOpened: AlertRule = {
    let levels = Levels(raise: .zero, clear: .zero)
    var rule = AlertRule("break-opened", "breaks", .threshold(.above, levels))
    rule.forSeconds = 120
    rule.runbook = "coffer breaks lists where the ledger and a venue differ."
    return rule
  }()

  private static let strikeHeld: AlertRule = {
    let levels = Levels(raise: .zero, clear: .zero)
    var rule = AlertRule("strike-held", "strikes_held", .threshold(.above, levels))
    rule.holdSeconds = 0
    rule.runbook =
      "coffer strike says what holds it up; settle coffer breaks, have accounts "
      + "read, or coffer strike make --accept-breaks, --accept-unread."
    return rule
  }()

  private static let depeg: AlertRule = {
    let levels = Levels(
      raise: number(0, overHundred: -50), critical: number(-2), clear: number(0, overHundred: -30))
    var rule = AlertRule("depeg", "peg:*", .threshold(.below, levels))
    rule.forSeconds = 60
    rule.holdSeconds = 900
    rule.runbook = "Compare venues: coffer prices. A coin below its peg may not come back."
    return rule
  }()

  private static let priceDisputed: AlertRule = {
    var rule = AlertRule("price-disputed", "price:*", .health([.disputed]))
    rule.forSeconds = 120
    rule.leastWeight = number(0, overHundred: 50)
    rule.runbook = "The NAV is a range until sources agree: coffer prices shows each of them."
    return rule
  }()

  private static let dayFall: AlertRule = {
    let levels = Levels(raise: number(-7), critical: number(-15), clear: number(-5))
    var rule = AlertRule("day-fall", "day_change", .threshold(.below, levels))
    rule.forSeconds = 30
    rule.holdSeconds = 1_800
    rule.escalation = [Step(seconds: 3_600, severity: .critical)]
    rule.group = "nav"
    rule.runbook = "coffer positions shows what fell."
    return rule
  }()

  private static let navFall: AlertRule = {
    let levels = Levels(raise: number(5), critical: number(10), clear: number(2))
    var rule = AlertRule(
      "nav-fall", "nav", .change(.falls, seconds: 3_600, isPercent: true, levels))
    rule.forSeconds = 30
    rule.group = "nav"
    rule.runbook = "A withdrawal of your own counts too: coffer ledger shows the last entries."
    return rule
  }()

  private static let feedSilent: AlertRule = {
    let levels = Levels(raise: number(300), clear: number(60))
    var rule = AlertRule("feed-silent", "feed", .threshold(.above, levels))
    rule.runbook = "No price came from anywhere: look at the network, then coffer limits."
    return rule
  }()

  private static let sinkStuck: AlertRule = {
    let levels = Levels(raise: number(900), clear: .zero)
    var rule = AlertRule("sink-stuck", "sink:*:waiting", .threshold(.above, levels))
    rule.holdSeconds = 0
    rule.runbook = "coffer alerts sink list says why; coffer alerts sink test NAME tries it."
    return rule
  }()

  private static let anomaly: AlertRule = {
    var rule = AlertRule("anomaly", "anomaly:*", .anomaly(least: nil))
    rule.holdSeconds = 3_600
    rule.runbook = "coffer alerts confirm ID or coffer alerts mute ID teaches the detectors."
    return rule
  }()
}
