// SPDX-License-Identifier: Apache-2.0
internal import Bridge
internal import Configuration

/// `check`: says all that is wrong with a configuration.
enum CheckCommand {
    static func run(_ words: [String]) throws(UsageError) -> ExitCode {
        let arguments = try Arguments(words, options: ["--config"])
        let file = try arguments.required("--config")
        do {
            let configuration = try BridgeConfiguration.load(file: file, environment: ProcessEnvironment.all)
            _ = try BridgeSettings(configuration)
            let devices = configuration.applications.reduce(0) { $0 + $1.devices.count }
            Console.print(
                "\(file): good; \(configuration.coverages.count) coverages, "
                    + "\(configuration.applications.count) applications, \(devices) devices"
            )
            return .success
        } catch {
            Console.complain("\(error)")
            return .configuration
        }
    }
}
