// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Attributes of a device on a command line.
enum DeviceOptions {
    private enum Kind {
        case text
        case number
        case truth
    }

    /// Options and the member each sets.
    private static let all: [(option: String, member: String, kind: Kind, help: String)] = [
        ("--dev-eui", "dev_eui", .text, "16 hexadecimal digits"),
        ("--join-eui", "app_eui", .text, "JoinEUI or AppEUI of a device that joins"),
        ("--app-key", "app_key", .text, "root key of a device that joins: 32 hexadecimal digits"),
        ("--nwk-key", "nwk_key", .text, "second root key, LoRaWAN 1.1"),
        ("--dev-addr", "dev_addr", .text, "address of a personalised device: 8 hexadecimal digits"),
        ("--nwk-s-key", "nwk_s_key", .text, "network session key"),
        ("--app-s-key", "app_s_key", .text, "application session key"),
        ("--lorawan-version", "lorawan_version", .text, "1.0.0 to 1.0.4, or 1.1"),
        ("--class", "class", .text, "A, B or C"),
        ("--region", "region", .text, "such as EU868"),
        ("--coverage", "coverage", .text, "the RAN coverage it is under"),
        ("--adr", "adr", .truth, "true or false: whether the network sets its data rate"),
        ("--f-cnt-up", "f_cnt_up", .number, "last uplink counter accepted"),
        ("--f-cnt-down", "f_cnt_down", .number, "next downlink counter"),
        ("--disable-f-cnt-check", "disable_f_cnt_check", .truth, "true or false: takes counters that went back"),
        ("--latitude", "latitude", .number, "degrees, north positive"),
        ("--longitude", "longitude", .number, "degrees, east positive"),
        ("--altitude", "altitude", .number, "metres"),
        ("--description", "description", .text, "for people"),
    ]

    static let options = Set(all.map(\.option) + ["--attribute", "--set", "--file"])

    static let help: String = {
        let named = all.map { line($0.option, $0.help) }.joined(separator: "\n")
        return named + "\n" + """
              --attribute NAME=TEXT   an attribute of yours, which uplinks carry; repeatable
              --set MEMBER=JSON       any other member, or null to clear one; repeatable
              --file FILE             a JSON object with members, - for standard input: keeps keys off the command
                                      line, which other users see; options win over it
            """
    }()

    private static func line(_ option: String, _ help: String) -> String {
        var line = "  " + option
        line += String(repeating: " ", count: max(1, 26 - line.count))
        line += help
        return line
    }

    /// The `device` member of a request.
    static func device(_ arguments: Arguments) throws -> JSONObject {
        var device = try given(arguments)
        for (option, member, kind, _) in all {
            guard let text = arguments.options[option] else { continue }
            device[member] = try value(text, kind, option)
        }
        if let attributes = try pairs(arguments, "--attribute") { device["attributes"] = .object(attributes) }
        return device
    }

    /// What `--file` and `--set` say.
    static func given(_ arguments: Arguments) throws -> JSONObject {
        var members = JSONObject()
        if let file = arguments.options["--file"] { members = try object(inFile: file) }
        for pair in arguments.all["--set"] ?? [] {
            let (name, text) = try split(pair, "--set")
            members[name] = value(text)
        }
        return members
    }

    /// `NAME=TEXT` pairs as an object.
    static func pairs(_ arguments: Arguments, _ option: String) throws(UsageError) -> JSONObject? {
        guard let pairs = arguments.all[option] else { return nil }
        var object = JSONObject()
        for pair in pairs {
            let (name, text) = try split(pair, option)
            object[name] = .string(text)
        }
        return object
    }

    private static func object(inFile file: String) throws -> JSONObject {
        let octets = try TextFile.octets(file)
        do throws(JSONSyntaxError) {
            if let object = try JSONValue(parsing: octets).object { return object }
        } catch {
            throw UsageError("\(file) is \(error)")
        }
        throw UsageError("\(file) holds no JSON object")
    }

    private static func value(_ text: String, _ kind: Kind, _ option: String) throws(UsageError) -> JSONValue {
        switch kind {
        case .text: return .string(text)
        case .number:
            if let whole = Int64(text) { return .integer(whole) }
            guard let number = Double(text), number.isFinite else {
                throw UsageError("\(option) is a number, not '\(text)'")
            }
            return .number(number)
        case .truth:
            guard let truth = Bool(text) else { throw UsageError("\(option) is true or false, not '\(text)'") }
            return .bool(truth)
        }
    }

    /// JSON where the text is that, else the text itself.
    private static func value(_ text: String) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: text)
        } catch {
            return .string(text)
        }
    }

    private static func split(_ pair: String, _ option: String) throws(UsageError) -> (String, String) {
        guard let sign = pair.firstIndex(of: "="), sign != pair.startIndex else {
            throw UsageError("\(option) is a name, = and a value, not '\(pair)'")
        }
        return (String(pair[..<sign]), String(pair[pair.index(after: sign)...]))
    }
}
