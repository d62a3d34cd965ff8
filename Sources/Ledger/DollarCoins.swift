extension KnownAssets {
  /// Codes of coins that say of themselves that one of them is worth one US dollar.
  ///
  /// That is a promise and no price: they are valued at market like everything else. Source, the
  /// issuers themselves: https://tether.to, https://www.circle.com, https://sky.money (DAI, USDS),
  /// https://paxos.com (PYUSD, USDP, BUSD), https://firstdigitallabs.com, https://tusd.io,
  /// https://www.gemini.com/dollar, https://ripple.com/solutions/stablecoin.
  public static let dollarCoins: Set<String> = [
    "USDT", "USDC", "DAI", "FDUSD", "TUSD", "PYUSD", "USDP", "GUSD", "USDS", "RLUSD", "BUSD",
  ]
}
