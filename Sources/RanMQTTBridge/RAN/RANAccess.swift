// SPDX-License-Identifier: Apache-2.0
internal import Bridge
internal import Configuration
internal import RANClient

/// Which coverage a `ran` command speaks to, and with which token.
struct RANAccess {
    static let options: Set<String> = ["--url", "--token", "--ca-file", "--config", "--coverage"]

    static let help = """
        where, and with which token:
          --url URL             the coverage's base URL; else the environment's RAN_API_URL
          --token TOKEN         its token; better the environment's RAN_API_TOKEN: other users see command lines
          --ca-file FILE        trust these certificates (PEM) in place of the system's
          --allow-plain-text    permit http:// to another machine
          --config FILE         take all of it from the bridge's configuration
          --coverage NAME       which of its coverages; needed when there are several
          --json                JSON for scripts in place of a table
        """

    let endpoint: RANEndpoint
    let deadlineForm: DeadlineForm
    /// What `--config` named.
    let configuration: BridgeConfiguration?

    /// What the words and the environment say.
    ///
    /// - Throws: `UsageError`, `ConfigurationErrors`, or `RANError.invalidParameter` for a URL or token that cannot be used.
    static func find(_ arguments: Arguments, environment: [String: String]) throws -> RANAccess {
        guard let file = arguments.options["--config"] else {
            guard arguments.options["--coverage"] == nil else {
                throw UsageError("--coverage names a coverage of a configuration file; give --config FILE too")
            }
            return try given(arguments, environment)
        }
        for option in ["--url", "--token", "--ca-file"] where arguments.options[option] != nil {
            throw UsageError("\(option) and --config exclude each other: the file says it")
        }
        let configuration = try BridgeConfiguration.load(file: file, environment: environment)
        let settings = try CoverageSettings(coverage(arguments.options["--coverage"], of: configuration))
        return RANAccess(endpoint: settings.endpoint, deadlineForm: settings.deadlineForm, configuration: configuration)
    }

    private static func given(_ arguments: Arguments, _ environment: [String: String]) throws -> RANAccess {
        guard let url = arguments.options["--url"] ?? environment["RAN_API_URL"] else {
            throw UsageError("no coverage: give --url, RAN_API_URL in the environment, or --config FILE")
        }
        guard let token = arguments.options["--token"] ?? environment["RAN_API_TOKEN"] else {
            throw UsageError("no token: give RAN_API_TOKEN in the environment, --token, or --config FILE")
        }
        let endpoint = try RANEndpoint(
            url: url,
            token: RANToken(token),
            allowsPlainText: arguments.flags.contains("--allow-plain-text"),
            certificateFile: arguments.options["--ca-file"],
        )
        return RANAccess(endpoint: endpoint, deadlineForm: .nowAsOne, configuration: nil)
    }

    private static func coverage(
        _ name: String?,
        of configuration: BridgeConfiguration,
    ) throws(UsageError) -> CoverageConfiguration {
        let names = configuration.coverages.map(\.name).joined(separator: ", ")
        guard let name else {
            guard let only = configuration.coverages.first, configuration.coverages.count == 1 else {
                throw UsageError("which coverage? Give --coverage with one of \(names)")
            }
            return only
        }
        guard let coverage = configuration.coverages.first(where: { $0.name == name }) else {
            throw UsageError("there is no coverage '\(name)' in the configuration; there are \(names)")
        }
        return coverage
    }
}
