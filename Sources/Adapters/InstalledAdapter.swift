public import VenueKit

/// An adapter that was found and may be run.
public struct InstalledAdapter: Sendable {
  /// What it says of its venue.
  public var manifest: AdapterManifest
  /// Its folder, without symbolic links.
  public var folder: String
  /// Its program's whole path.
  public var program: String
  /// What its program may use.
  public var limits: AdapterLimits
  /// Variables of its program, besides `PATH` and `LANG`.
  public var environment: [String: String]

  /// Describes an adapter.
  public init(
    manifest: AdapterManifest, folder: String, program: String,
    limits: AdapterLimits = AdapterLimits(), environment: [String: String] = [:]
  ) {
    self.manifest = manifest
    self.folder = folder
    self.program = program
    self.limits = limits
    self.environment = environment
  }

  /// Its venue.
  public var venue: Venue { .adapter(manifest) }
}

/// What an adapter's program may use.
public struct AdapterLimits: Hashable, Sendable {
  /// How long an answer may take, in seconds.
  public var answerSeconds = 60
  /// How long the first answer after the start may take, in seconds.
  public var startSeconds = 30
  /// Processor time of one run, in seconds; then it is started anew.
  public var processorSeconds = 600
  /// Address space, in MiB.
  public var memoryMebibytes = 1_024
  /// Whether it may start threads and processes.
  public var mayFork = false
  /// How long it waits for the next request before it is ended, in seconds.
  public var idleSeconds = 120
  /// The most bytes of an answer.
  public var answerBytes = 16 << 20

  /// The usual limits.
  public init() {}
}
