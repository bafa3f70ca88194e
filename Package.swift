// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// The rooms of the house in dependency order: a room imports only rooms above it. See docs/architecture.md.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency], libraries: [String] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        swiftSettings: settings,
        linkerSettings: libraries.map { .linkedLibrary($0) },
    )
}

func tests(of room: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: "\(room)Tests",
        dependencies: dependencies,
        resources: resources,
        swiftSettings: settings,
    )
}

let package = Package(
    name: "ran-mqtt-bridge",
    products: [
        .executable(name: "ran-mqtt-bridge", targets: ["RanMQTTBridge"]),
        .executable(name: "ran-simulator", targets: ["ran-simulator"]),
        .library(name: "LoRaWAN", targets: ["LoRaWAN"]),
        .library(name: "NetworkServer", targets: ["NetworkServer"]),
        .library(name: "TTNMessages", targets: ["TTNMessages"]),
        .library(name: "PayloadCodec", targets: ["PayloadCodec"]),
        .library(name: "RANClient", targets: ["RANClient"]),
        .library(name: "MQTTShim", targets: ["MQTTShim"]),
        .library(name: "TTNClient", targets: ["TTNClient"]),
        .library(name: "RANSimulator", targets: ["RANSimulator"]),
    ],
    targets: [
        // C at the door: module maps and the thinnest shims, nothing else.
        .systemLibrary(name: "CMosquitto"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CJSONC"),
        .systemLibrary(name: "CJavaScriptCore", pkgConfig: "javascriptcoregtk-4.1"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CCrypto"),
        .systemLibrary(name: "CWebSockets"),
        .systemLibrary(name: "CYAML"),
        // simdjson is C++: its wrapper is compiled here and spoken to through extern "C".
        .target(
            name: "CSimdJSON",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")],
        ),
        // What Swift cannot import: thread names and waits on the monotonic clock.
        .target(name: "CThreads"),

        // What is on the air: identifiers, frames, keys, MAC commands, regions, airtime. Pure.
        room("LoRaWAN", ["CCrypto"]),
        // A JSON value over json-c and a byte-buffer writer for hot paths.
        room("JSON", ["CJSONC"]),
        // Threads, bounded queues, signals, clocks. For shells, never for the pure rooms.
        room("Concurrency", ["CThreads"]),
        // The log facade and the metric registry.
        room("Observability", []),
        // Decides: a deterministic state machine (state, event, now, random) -> effects. Pure.
        room("NetworkServer", ["LoRaWAN"]),
        // TTN v2 and v3 topics and bodies: requests in, messages out. Pure.
        room("TTNMessages", ["LoRaWAN", "JSON"]),
        // CayenneLPP and JavaScript formatters in their sandbox of worker processes.
        room("PayloadCodec", ["CJavaScriptCore", "JSON", "Concurrency", "Observability"]),
        // Everynet's RAN Routing API: HTTP, websockets, reconnect.
        room("RANClient", ["LoRaWAN", "CCurl", "CSimdJSON", "JSON", "Concurrency", "Observability"]),
        // The MQTT client over libmosquitto.
        room("MQTTShim", ["CMosquitto", "Concurrency", "Observability"]),
        // For programs on the other side of the broker: traffic and management of an application.
        room("TTNClient", ["LoRaWAN", "JSON", "TTNMessages", "MQTTShim", "Observability"]),
        // The embedded database: registry, sessions, queues, outbox.
        room("Store", ["CSQLite", "LoRaWAN", "JSON", "Concurrency", "Observability"]),
        // What management requests say: methods, device attributes, answers, imports, rights. Pure.
        room("Management", ["LoRaWAN", "JSON"]),
        // The pipelines and services that join the rooms.
        room(
            "Bridge",
            [
                "LoRaWAN", "JSON", "Concurrency", "Observability", "NetworkServer", "TTNMessages", "PayloadCodec",
                "RANClient", "MQTTShim", "Store", "Management",
            ],
        ),
        // The configuration file: YAML in, checked values out, and its own manual.
        room("Configuration", ["CYAML", "LoRaWAN"]),
        // The other side for tests, demos and load: a RAN API server and virtual devices.
        room("RANSimulator", ["LoRaWAN", "JSON", "CWebSockets", "CYAML", "Concurrency", "Observability"]),

        // The service and its subcommands: command line, wiring, signals. No logic.
        program(
            "RanMQTTBridge",
            [
                "Bridge", "Configuration", "LoRaWAN", "JSON", "Concurrency", "Observability", "NetworkServer",
                "PayloadCodec", "RANClient", "MQTTShim", "Store", "TTNMessages", "TTNClient",
            ],
            // Messages are made on one thread and end on another, which the C library's allocator is slow at. A sanitizer
            // sees only what its own allocator hands out.
            libraries: Context.environment["SANITIZE"] == nil ? ["mimalloc"] : [],
        ),
        // What each stage costs: `make bench`.
        .executableTarget(
            name: "ran-mqtt-bench",
            dependencies: [
                "LoRaWAN", "JSON", "NetworkServer", "TTNMessages", "Store", "RANClient", "RANSimulator",
                "Observability", "CMosquitto", "Concurrency", "PayloadCodec", "TTNClient",
            ],
            path: "bench",
            exclude: ["results.json"],
            swiftSettings: settings,
        ),
        // The RANClient library alone, in thirty lines.
        .executableTarget(
            name: "ran-client-example",
            dependencies: ["LoRaWAN", "RANClient"],
            path: "examples/ran-client",
            swiftSettings: settings,
        ),
        program("ran-simulator", ["RANSimulator", "LoRaWAN", "JSON", "Concurrency", "Observability"]),

        // What tests share: a real broker, free ports, waiting for events.
        .target(
            name: "TestSupport",
            dependencies: ["JSON", "Concurrency", "Observability", "MQTTShim", "RANSimulator", "LoRaWAN"],
            path: "Tests/TestSupport",
            swiftSettings: settings,
        ),
        tests(of: "LoRaWAN", ["LoRaWAN", "JSON", "TestSupport"], resources: [.copy("Fixtures")]),
        tests(of: "JSON", ["JSON"]),
        tests(of: "Concurrency", ["Concurrency"]),
        tests(of: "NetworkServer", ["NetworkServer", "LoRaWAN", "TestSupport"]),
        tests(of: "TTNMessages", ["TTNMessages", "LoRaWAN", "JSON"], resources: [.copy("Fixtures")]),
        tests(
            of: "PayloadCodec",
            ["PayloadCodec", "JSON", "Concurrency", "Observability", "RanMQTTBridge", "TestSupport"],
            resources: [.copy("Fixtures")],
        ),
        tests(
            of: "RANClient",
            ["RANClient", "LoRaWAN", "JSON", "Concurrency", "Observability", "RANSimulator", "TestSupport"],
        ),
        tests(of: "MQTTShim", ["MQTTShim", "Concurrency", "Observability", "TestSupport"]),
        tests(of: "TTNClient", ["TTNClient", "JSON", "MQTTShim", "TestSupport"]),
        tests(of: "Store", ["Store", "LoRaWAN", "JSON", "Concurrency", "TestSupport"]),
        tests(of: "Management", ["Management", "LoRaWAN", "JSON", "TestSupport"]),
        tests(of: "Configuration", ["Configuration", "LoRaWAN"]),
        tests(
            of: "Bridge",
            [
                "Bridge", "Concurrency", "LoRaWAN", "JSON", "NetworkServer", "Observability", "PayloadCodec",
                "RANClient", "Store", "TestSupport", "TTNMessages",
            ]
        ),
        tests(of: "RANSimulator", ["RANSimulator", "LoRaWAN", "JSON", "Concurrency"]),
        // Real mosquitto, real sockets, real SQLite, the simulator, the built programs.
        tests(
            of: "Integration",
            [
                "TestSupport", "TTNClient", "Bridge", "Configuration", "RANClient", "RANSimulator", "MQTTShim",
                "Management", "Store", "LoRaWAN", "JSON", "Concurrency", "NetworkServer", "Observability",
                "PayloadCodec", "TTNMessages", "RanMQTTBridge", "ran-simulator", "ran-client-example",
            ],
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17,
)
