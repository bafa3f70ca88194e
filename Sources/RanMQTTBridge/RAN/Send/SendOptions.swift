// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import RANClient
internal import TTNMessages

/// What `ran send` is told: whom, what, how and when.
struct SendOptions {
    static let names: Set<String> = [
        "--group", "--payload", "--frequency", "--rate", "--delay", "--gps-ms", "--deadline", "--target-dev-addr",
        "--deadline-form", "--timeout",
    ]

    let target: DownstreamTarget
    let window: TransmissionWindow
    let payload: [UInt8]
    /// How long the ack and the result may take together.
    let timeout: Duration
    let deadlineForm: DeadlineForm

    init(_ call: RANCall) throws(UsageError) {
        let options = call.arguments.options
        let text = try call.arguments.required("--payload")
        guard let payload = Hex.octets(text), (1...255).contains(payload.count) else {
            throw UsageError("--payload is a whole frame with its MIC, 1 to 255 octets as hexadecimal digits")
        }
        self.payload = payload
        target = try SendOptions.target(call, payload)
        guard let modulation = Modulation(word: try call.arguments.required("--rate")) else {
            throw UsageError("--rate is SF7BW125, FSK50000 (bits a second) or alike, not '\(options["--rate"] ?? "")'")
        }
        window = TransmissionWindow(
            frequency: try SendOptions.frequency(try call.arguments.required("--frequency")),
            modulation: modulation,
            timing: try SendOptions.timing(call),
        )
        timeout = .seconds(try call.integer(option: "--timeout", in: 1...3600) ?? 30)
        guard let name = options["--deadline-form"] else {
            deadlineForm = call.access.deadlineForm
            return
        }
        guard let form = DeadlineForm(rawValue: name) else {
            let all = DeadlineForm.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--deadline-form is one of \(all), not '\(name)'")
        }
        deadlineForm = form
    }

    private static func target(_ call: RANCall, _ payload: [UInt8]) throws(UsageError) -> DownstreamTarget {
        let target = try call.devAddr(option: "--target-dev-addr")
        if let group = try call.devAddr(option: "--group") {
            _ = try call.words(0...0, "")
            if target != nil { throw UsageError("--target-dev-addr is for a device, not for --group") }
            return .multicast(group)
        }
        let devEUI = try call.devEUIs(call.words(1...1, "the DevEUI, or --group ADDR,"))[0]
        // LoRaWAN 1.0.4 section 4.2.1: type 1 of the three highest bits.
        if MessageType(header: payload[0]) == .joinAccept, target == nil {
            throw UsageError("a join accept needs --target-dev-addr with the address that it gives")
        }
        return .device(devEUI, targetDevAddr: target)
    }

    /// With a point megahertz, without one hertz.
    private static func frequency(_ text: String) throws(UsageError) -> UInt32 {
        let hertz = text.contains(".") ? Double(text).map { ($0 * 1_000_000).rounded() } : UInt32(text).map(Double.init)
        guard let hertz, (1_000_000...4_000_000_000).contains(hertz) else {
            throw UsageError(
                "--frequency is megahertz with a point or hertz without: 869.525 or 869525000, not '\(text)'"
            )
        }
        return UInt32(hertz)
    }

    private static func timing(_ call: RANCall) throws(UsageError) -> TransmissionTiming {
        let options = call.arguments.options
        let given = ["--delay", "--gps-ms", "--deadline"].filter { options[$0] != nil }
        guard given.count == 1 else {
            throw UsageError("when? Give one of --delay (class A), --gps-ms (class B) and --deadline (class C)")
        }
        if let delay = try call.integer(option: "--delay", in: 1...15).flatMap({ TransmissionTiming.delay(seconds: $0) }
        ) {
            if options["--group"] != nil { throw UsageError("a group has no uplinks that --delay could count from") }
            return delay
        }
        if let text = options["--gps-ms"] {
            let words = text.split(separator: ",")
            guard let times = GPSTimes(milliseconds: words.compactMap { UInt64($0) }),
                times.milliseconds.count == words.count
            else { throw UsageError("--gps-ms is 1 to 8 times in milliseconds of GPS time, with commas between") }
            return .gps(times)
        }
        let text = try call.arguments.required("--deadline")
        if text == "now" { return .now }
        guard let time = RFC3339.time(text) else {
            throw UsageError("--deadline is now or a time such as 2026-05-30T10:06:44Z, not '\(text)'")
        }
        return .deadline(.until(time))
    }
}
