// swift-tools-version: 6.2
// Coffer's package: every target of `Sources/ARCHITECTURE.md`, in the rows of its import table.
import PackageDescription

/// Settings every target of ours is built with.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]
/// Pure targets also answer for every unsafe construct.
let pure: [SwiftSetting] = common + [.strictMemorySafety()]

/// Tables and small readers that wait for the network: optimising them takes three times as long as
/// compiling them (77 s and 24 s of the release build), and nobody would notice the difference.
let plainly: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOWebSocket", package: "swift-nio"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
  name: "coffer",
  products: [
    .executable(name: "coffer", targets: ["coffer"]),
    .executable(name: "coffer-engine", targets: ["coffer-engine"]),
    .executable(name: "conformance", targets: ["conformance"]),
    .executable(name: "bench", targets: ["bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
  ],
  targets: [
    // Row 0: words
    .target(name: "Amounts", swiftSettings: pure),
    .target(name: "Encodings", swiftSettings: pure),
    .target(name: "Statistics", swiftSettings: pure),
    // Row 1: facts
    .target(name: "Ledger", dependencies: ["Amounts"], swiftSettings: pure),
    .target(name: "Prices", dependencies: ["Amounts", "Ledger", deque], swiftSettings: pure),
    // Row 2: figures
    .target(name: "Portfolio", dependencies: ["Amounts", "Ledger", "Prices"], swiftSettings: pure),
    .target(name: "Lots", dependencies: ["Amounts", "Ledger", "Prices"], swiftSettings: pure),
    .target(
      name: "Performance", dependencies: ["Amounts", "Ledger", "Statistics"], swiftSettings: pure),
    .target(
      name: "Risk", dependencies: ["Amounts", "Ledger", "Prices", "Statistics", "CVector"],
      swiftSettings: pure),
    .target(
      name: "Anomalies", dependencies: ["Encodings", "Ledger", "Statistics"],
      swiftSettings: pure),
    // Row 3: plans
    .target(name: "Rebalancing", dependencies: ["Amounts", "Statistics"], swiftSettings: pure),
    .target(
      name: "Alerts", dependencies: ["Amounts", "Encodings", "Ledger"], swiftSettings: pure),
    // Row 4: venues, chains and outside formats
    .target(
      name: "VenueKit", dependencies: ["Amounts", "Encodings", "Ledger"], swiftSettings: pure),
    .target(
      name: "Venues", dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit"],
      swiftSettings: pure + plainly),
    .target(
      name: "Wallets", dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit"],
      swiftSettings: pure),
    .target(
      name: "Sync", dependencies: ["Amounts", "Encodings", "Ledger", "Statistics", "VenueKit"],
      swiftSettings: pure),
    .target(
      name: "Imports", dependencies: ["Amounts", "Ledger", deque], swiftSettings: pure),
    // Row 5: screen
    .target(name: "Canvas", swiftSettings: pure),
    .target(
      name: "Wire", dependencies: ["Amounts", "Ledger", "Prices", "Portfolio"],
      swiftSettings: pure),
    .target(
      name: "Screens",
      dependencies: ["Amounts", "Ledger", "Prices", "Portfolio", "Canvas", "Wire"],
      swiftSettings: pure),
    // Row 6: edges
    .target(
      name: "Cipher",
      dependencies: ["Encodings", "COpenSSL", "CSecp256k1", "CPosix", grdbSQLite],
      swiftSettings: common),
    .target(
      name: "Transport",
      dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit", "CCurl", "CZlib", "CPosix"]
        + nio,
      swiftSettings: common),
    .target(
      name: "SimulatedVenues",
      dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit", "Simulator"] + nio,
      swiftSettings: common),
    .target(
      name: "Vault",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Cipher", "CPosix", grdb, grdbSQLite,
      ],
      swiftSettings: common),
    .target(name: "Link", dependencies: ["Wire", "CPosix"], swiftSettings: common),
    .target(
      name: "Terminal", dependencies: ["Canvas", "CNcurses", "CPosix"], swiftSettings: common),
    .target(name: "Styles", dependencies: ["Canvas", toml], swiftSettings: common),
    .target(
      name: "Simulator",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "Prices", "Statistics", "Imports", "VenueKit",
      ],
      swiftSettings: pure),
    .target(
      name: "Adapters",
      dependencies: ["Encodings", "Ledger", "VenueKit", "Venues", "Canvas", "Styles", "CPosix"],
      swiftSettings: common),
    .target(name: "Zones", dependencies: ["Ledger", "Lots", "Imports"], swiftSettings: common),
    .target(
      name: "Engine",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Lots", "Performance", "Imports", "Wire",
        "Link",
        "Cipher", "Vault", "Simulator", "Styles", "Zones", "CPosix", logging, "Risk", "Statistics",
        "Encodings", "VenueKit", "Venues", "Wallets", "Sync", "Transport", "SimulatedVenues",
        "Adapters", "Alerts", "Anomalies",
      ],
      swiftSettings: common),
    .target(
      name: "Conformance",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "Lots", "Imports", "Zones", "VenueKit", "Venues",
        "Wallets", "Cipher", "Transport", "Statistics", "Risk", "Performance", "Rebalancing",
        "Anomalies",
      ],
      swiftSettings: common),
    // Row 7: programs
    .executableTarget(
      name: "coffer",
      dependencies: [
        "Amounts", "Ledger", "Canvas", "Wire", "Link", "Screens", "Terminal", "Styles", "CPosix",
      ],
      swiftSettings: common),
    .executableTarget(
      name: "coffer-engine",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Imports", "Canvas", "Screens", "Styles",
        "Wire", "Link", "Cipher", "Vault", "Engine", "Simulator", "VenueKit", "Venues", "Adapters",
        "Alerts", "CPosix", argumentParser, logging,
      ],
      swiftSettings: common),
    .executableTarget(
      name: "conformance", dependencies: ["Conformance", argumentParser],
      path: "Sources/conformance-cli", swiftSettings: common),
    .executableTarget(
      name: "bench",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Lots", "Canvas", "Screens", "Wire", "Link",
        "Cipher", "Vault", "Engine", "Simulator", "Statistics", "Risk", "Performance",
        "Rebalancing", "Anomalies", argumentParser, grdbSQLite,
      ],
      swiftSettings: common),
    // A small program the tests of Terminal drive in a pseudo terminal; not a product
    .executableTarget(
      name: "terminal-probe", dependencies: ["Canvas", "Terminal"], swiftSettings: common),
    // C libraries, each imported by one target
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPosix"),
    .systemLibrary(name: "CVector"),
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
    // Tests
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(
      name: "AmountsTests",
      dependencies: ["Amounts", .product(name: "BigInt", package: "BigInt"), "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "LedgerTests", dependencies: ["Amounts", "Ledger", "TestSupport"], swiftSettings: common
    ),
    .testTarget(
      name: "PortfolioTests",
      dependencies: ["Amounts", "Ledger", "Prices", "Portfolio", "Simulator", "Wire"],
      swiftSettings: common),
    .testTarget(name: "StatisticsTests", dependencies: ["Statistics"], swiftSettings: common),
    .testTarget(
      name: "PerformanceTests", dependencies: ["Amounts", "Ledger", "Statistics", "Performance"],
      swiftSettings: common),
    .testTarget(
      name: "RebalancingTests", dependencies: ["Amounts", "Statistics", "Rebalancing"],
      swiftSettings: common),
    .testTarget(
      name: "AlertsTests",
      dependencies: [
        "Alerts", "Amounts", "Encodings", "Ledger", "Cipher", "Transport", "VenueKit", "Vault",
        "Wire", "Engine", "TestSupport",
      ]
        + nio,
      swiftSettings: common),
    .testTarget(
      name: "RiskTests",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Statistics", "Risk", "Conformance", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "AnomaliesTests",
      dependencies: [
        "Encodings", "Ledger", "Statistics", "Anomalies", "Conformance", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "LotsTests",
      dependencies: ["Amounts", "Ledger", "Prices", "Lots", "Zones", "Conformance", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ImportsTests",
      dependencies: ["Amounts", "Ledger", "Imports", "Zones", "Conformance", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: common),
    .testTarget(
      name: "EncodingsTests", dependencies: ["Amounts", "Encodings", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "VenuesTests",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "VenueKit", "Venues", "Wallets", "Cipher",
        "Conformance", "TestSupport",
      ],
      exclude: ["Fixtures", "StreamFixtures"], swiftSettings: common),
    .testTarget(
      name: "WalletsTests",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "VenueKit", "Wallets", "Cipher", "Conformance",
        "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: common),
    .testTarget(
      name: "SyncTests",
      dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit", "Venues", "Sync", "Cipher"],
      swiftSettings: common),
    .testTarget(
      name: "AdaptersTests",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "VenueKit", "Venues", "Sync", "Adapters", "Styles",
        "Cipher",
      ],
      exclude: ["Fixtures"], swiftSettings: common),
    .testTarget(
      name: "TransportTests",
      dependencies: ["Amounts", "Encodings", "Ledger", "VenueKit", "Transport", "TestSupport"]
        + nio,
      swiftSettings: common),
    .testTarget(
      name: "SimulatedVenuesTests",
      dependencies: [
        "Amounts", "Encodings", "Ledger", "VenueKit", "Venues", "Transport", "Simulator",
        "SimulatedVenues", "Cipher",
      ],
      swiftSettings: common),
    .testTarget(
      name: "CanvasTests", dependencies: ["Canvas", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "ScreensTests",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Canvas", "Wire", "Screens", "Styles",
        "TestSupport",
      ],
      exclude: ["Goldens"], swiftSettings: common),
    .testTarget(
      name: "CipherTests", dependencies: ["Cipher", grdbSQLite, "TestSupport"],
      exclude: ["Interop"],
      swiftSettings: common),
    .testTarget(
      name: "VaultTests",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Cipher", "Vault", grdb, "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "TerminalTests", dependencies: ["Canvas", "Terminal", "CPosix", "terminal-probe"],
      swiftSettings: common),
    .testTarget(
      name: "StylesTests", dependencies: ["Canvas", "Styles", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Lots", "Performance", "Imports", "Wire",
        "Link",
        "Cipher", "Vault", "Engine", "Simulator", "VenueKit", "Venues", "Sync", "Encodings",
        "Transport", "Wallets", "Alerts", "Anomalies", "Risk", "Statistics", logging,
      ],
      exclude: ["Fixtures"],
      swiftSettings: common),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Amounts", "Ledger", "Prices", "Portfolio", "Cipher", "Vault", "Wire", "Link", "CPosix",
        "coffer", "coffer-engine", grdb, "TestSupport",
      ],
      exclude: ["Journeys"], swiftSettings: common),
    .testTarget(name: "TidyTests", dependencies: [], swiftSettings: common),
  ]
)
