// SPDX-License-Identifier: Apache-2.0
internal import Configuration
internal import PayloadCodec

/// Compares the formatters that the devices of a configuration name with those that there are.
enum FormatterNames {
    /// A device that names what is not there.
    struct Unknown: Error, CustomStringConvertible {
        let description: String
    }

    static func check(_ configuration: BridgeConfiguration, _ formatters: FormatterRepository?) throws(Unknown) {
        for application in configuration.applications {
            for device in application.devices {
                guard let name = device.formatter else { continue }
                guard let formatters else {
                    throw Unknown(
                        description: "device \(device.id) of \(application.id) names the formatter \(name), but "
                            + "codec.formatters names no directory"
                    )
                }
                guard formatters.formatter(named: name) == nil else { continue }
                let known = formatters.entries.map(\.name).joined(separator: ", ")
                throw Unknown(
                    description: "device \(device.id) of \(application.id) names the formatter \(name); "
                        + "\(formatters.directory) has \(known.isEmpty ? "none" : known)"
                )
            }
        }
    }
}
