// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension VirtualDeviceConfiguration {
    /// Reads a device from a scenario.
    init(_ fields: inout ScenarioFields) throws(SimulatorError) {
        guard let devEUI = try fields.eui("dev_eui") else { throw fields.missing("dev_eui") }
        let name = try fields.text("name") ?? devEUI.hex
        self.init(name: name, devEUI: devEUI, activation: try Activation(&fields))
        if let version = try fields.read("lorawan_version", "1.0.0 to 1.0.4 or 1.1", { LoRaWANVersion(text: $0) }) {
            self.version = version
        }
        if let deviceClass = try fields.read("class", "A, B or C", { DeviceClass(text: $0) }) {
            self.deviceClass = deviceClass
        }
        if let region = try fields.text("region") { self.region = region }
        if let dataRate = try fields.integer("data_rate", 0...UInt8(15)) { self.dataRate = dataRate }
        if let seconds = try fields.number("interval_s", 0...1_000_000) {
            interval = seconds > 0 ? .nanoseconds(Int64(seconds * 1e9)) : nil
        }
        if let seconds = try fields.number("first_uplink_s", 0...1_000_000) {
            firstUplinkAfter = .nanoseconds(Int64(seconds * 1e9))
        }
        let isPoisson = try fields.read("arrival", "fixed or poisson") { text in
            text == "poisson" ? true : text == "fixed" ? false : nil
        }
        if let isPoisson { self.isPoisson = isPoisson }
        if let port = try fields.integer("port", 0...UInt8.max) { self.port = port }
        if let payload = try fields.read(
            "payload",
            "cayennelpp, counter:N or hexadecimal digits",
            { PayloadGenerator(text: $0) }
        ) {
            self.payload = payload
        }
        if let isConfirmed = try fields.boolean("confirmed") { self.isConfirmed = isConfirmed }
        if let attempts = try fields.integer("confirmed_attempts", 1...100) { confirmedAttempts = attempts }
        if let seconds = try fields.number("join_interval_s", 0.01...86_400) { joinInterval = .seconds(seconds) }
        if let isOutdated = try fields.boolean("outdated") { self.isOutdated = isOutdated }
        if let usesADR = try fields.boolean("adr") { self.usesADR = usesADR }
        if let delay = try fields.integer("rx1_delay_s", 1...UInt8(15)) { rx1Delay = delay }
        if let counter = try fields.integer("first_fcnt_up", 0...UInt32.max) { firstFCntUp = counter }
        channels = try fields.channels("channels")
        if let battery = try fields.integer("battery", 0...UInt8.max) { self.battery = battery }
        if let periodicity = try fields.integer("ping_periodicity", 0...UInt8(7)) { pingPeriodicity = periodicity }
        overlapsWindows = try fields.boolean("overlap_windows")
        if let nonce = try fields.integer("first_dev_nonce", 0...UInt16.max) { firstDevNonce = nonce }
        let file = fields.file
        let gateways = try fields.elements("gateways").map { node throws(SimulatorError) in
            try GatewayReception(node, file: file)
        }
        if !gateways.isEmpty { self.gateways = gateways }
        multicast = try fields.elements("multicast").map { node throws(SimulatorError) in
            try MulticastSession(node, file: file)
        }
    }
}

extension VirtualDeviceConfiguration.Activation {
    fileprivate init(_ fields: inout ScenarioFields) throws(SimulatorError) {
        let appEUI = try fields.eui("app_eui")
        let joinEUI = try fields.eui("join_eui") ?? appEUI
        let appKey = try fields.key("app_key")
        let nwkKey = try fields.key("nwk_key")
        let devAddr = try fields.address("dev_addr")
        let nwkSKey = try fields.key("nwk_s_key")
        let appSKey = try fields.key("app_s_key")
        let forwarding = try fields.key("f_nwk_s_int_key")
        let serving = try fields.key("s_nwk_s_int_key")
        let encrypting = try fields.key("nwk_s_enc_key")
        if let joinEUI, let appKey, devAddr == nil {
            self = .otaa(joinEUI: joinEUI, appKey: appKey, nwkKey: nwkKey)
        } else if let devAddr, let appSKey, let first = nwkSKey ?? forwarding, joinEUI == nil {
            let keys = SessionKeys(
                fNwkSIntKey: forwarding ?? first,
                sNwkSIntKey: serving ?? first,
                nwkSEncKey: encrypting ?? first,
                appSKey: appSKey,
            )
            self = .abp(devAddr: devAddr, keys: keys)
        } else {
            throw fields.missing("join_eui with app_key (OTAA), or dev_addr with nwk_s_key and app_s_key (ABP),")
        }
    }
}

extension GatewayReception {
    fileprivate init(_ node: YAMLNode, file: String) throws(SimulatorError) {
        var fields = try ScenarioFields(node, file: file, called: "a gateway")
        self.init()
        if let rssi = try fields.number("rssi", -200...50) { self.rssi = rssi }
        if let snr = try fields.number("snr", -50...50) { self.snr = snr }
        let latitude = try fields.number("latitude", -90...90)
        let longitude = try fields.number("longitude", -180...180)
        let altitude = try fields.number("altitude", -10_000...100_000)
        if let latitude, let longitude {
            position = GPSPosition(latitude: latitude, longitude: longitude, altitude: altitude)
        } else if latitude != nil || longitude != nil || altitude != nil {
            throw fields.missing("latitude or longitude")
        }
        if let delay = try fields.number("delay_ms", 0...600_000) { self.delay = .nanoseconds(Int64(delay * 1e6)) }
        try fields.finish()
    }
}

extension MulticastSession {
    fileprivate init(_ node: YAMLNode, file: String) throws(SimulatorError) {
        var fields = try ScenarioFields(node, file: file, called: "a multicast session")
        guard let address = try fields.address("addr"), let nwkSKey = try fields.key("nwk_s_key"),
            let appSKey = try fields.key("app_s_key")
        else { throw fields.missing("addr, nwk_s_key or app_s_key") }
        self.init(address: address, nwkSKey: nwkSKey, appSKey: appSKey)
        try fields.finish()
    }
}

extension PayloadGenerator {
    fileprivate init?(text: String) {
        if text == "cayennelpp" {
            self = .cayenneLPP
        } else if text.hasPrefix("counter:"), let count = Int(text.dropFirst(8)), (1...242).contains(count) {
            self = .counter(count: count)
        } else if let octets = Hex.octets(text), octets.count <= 242 {
            self = .fixed(octets)
        } else {
            return nil
        }
    }
}
