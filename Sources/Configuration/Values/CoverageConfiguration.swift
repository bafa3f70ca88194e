// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One coverage (territory) of the RAN.
public struct CoverageConfiguration: Hashable, Sendable {
    /// How a deadline of class C is written on the wire.
    public enum DeadlineForm: String, Hashable, Sendable {
        case nowAsOne = "now_as_1"
        case unixMilliseconds = "unix_ms"
        case unixSeconds = "unix_s"
    }

    /// What becomes of rows of its routing table that others made.
    public enum ForeignRows: String, Hashable, Sendable {
        case leave, adopt, drop
    }

    /// Stands for its gateways in messages; unique.
    public var name: String
    /// The base URL of its API.
    public var url: String
    public var token: Secret
    /// The region of its devices that name no other.
    public var region: Region
    /// What its devices shall use beyond the plan's defaults.
    public var channels: ChannelConfiguration
    /// Upstream sockets that share the load.
    public var upstreamConnections: Int
    /// Whether `http://` and `ws://` to another machine are permitted.
    public var allowsPlainText: Bool
    /// PEM file of certificates to trust in place of the system's.
    public var authorityFile: String?
    public var deadlineForm: DeadlineForm
    public var foreignRows: ForeignRows
    /// Between comparisons of the routing table with the registry.
    public var compareInterval: Duration

    init?(_ section: Section) {
        defer { section.finish() }
        let name = section.value(
            "name",
            expected: IdentifierForm.expected,
            hint: IdentifierForm.hint,
            { IdentifierForm.allows($0) ? $0 : nil },
        )
        let allowsPlainText = section.boolean("allow_plain_text") ?? false
        let url = section.url("url", expected: Self.expectedURL, schemes: ["https", "http", "wss", "ws"])
        let token = section.secret("token", expected: "the access token of the coverage")
        let region = section.value(
            "region",
            expected: "one of \(Region.names.joined(separator: ", "))",
            hint: { Spelling.hint(for: $0.uppercased(), among: Region.names) },
            { Region.named($0) },
        )
        channels = ChannelConfiguration(section, region)
        upstreamConnections = section.integer("upstream_connections", in: 1...64) ?? 1
        deadlineForm =
            section.choice(
                "deadline_form",
                among: [
                    "now_as_1": DeadlineForm.nowAsOne, "unix_ms": .unixMilliseconds, "unix_s": .unixSeconds,
                ],
            ) ?? .nowAsOne
        foreignRows =
            section.choice("foreign_rows", among: ["leave": ForeignRows.leave, "adopt": .adopt, "drop": .drop])
            ?? .leave
        compareInterval = section.seconds("compare_interval_s", in: 1...86_400) ?? .seconds(600)
        authorityFile = section.text("ca_file", expected: "the path of a PEM file")
        self.allowsPlainText = allowsPlainText
        if let parts = url?.parts { Self.check(parts, allowsPlainText: allowsPlainText, in: section) }
        if name == nil { section.require("name", expected: IdentifierForm.expected) }
        if url == nil { section.require("url", expected: Self.expectedURL) }
        if token == nil { section.require("token", expected: "the access token, best as \"${NAME}\"") }
        if region == nil { section.require("region", expected: "one of \(Region.names.joined(separator: ", "))") }
        guard let name, let url, let token, let region else { return nil }
        self.name = name
        self.url = url.text
        self.token = token
        self.region = region
    }

    private static let expectedURL = "the base URL of the coverage, such as https://eu.cloud.everynet.io/api/v1.0"

    private static func check(_ url: URLText, allowsPlainText: Bool, in section: Section) {
        if url.rest.contains(where: { "?#".contains($0) }) {
            section.refuse("url", "holds a query or a fragment; expected scheme, host, port and path alone")
        }
        let isEncrypted = ["https", "wss"].contains(url.scheme)
        guard isEncrypted || url.isLoopback || allowsPlainText else {
            section.refuse(
                "url",
                "\(url.scheme)://\(url.host) is not encrypted and not this machine: token and traffic can be read",
                hint: "write https://, or permit it with allow_plain_text: true",
            )
            return
        }
    }
}
