// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// An upstream message on its way out.
struct UpstreamMessage {
    var transactionID: UInt64
    var isOutdated: Bool?
    var devEUIs: [EUI64]
    var frequency: UInt64
    var modulation: Modulation
    var writesCapitalOCW = false
    var rssi: Double
    var snr: Double
    var octets: [UInt8]
    var position: GPSPosition?

    /// Writes the message; what is unset is left out.
    func write(to json: inout JSONWriter, challenge: [UInt32]) {
        json.object { json in
            json.member("ProtocolVersion", 1)
            json.member("TransactionID", transactionID)
            if let isOutdated { json.member("Outdated", isOutdated) }
            json.name("DevEUIs")
            json.array { json in for devEUI in devEUIs { json.integer(devEUI.rawValue) } }
            json.name("Radio")
            json.object { json in
                json.member("Frequency", frequency)
                writeModulation(to: &json)
                json.member("RSSI", rssi)
                json.member("SNR", snr)
            }
            json.name("PHYPayloadNoMIC")
            json.array { json in for octet in octets { json.integer(octet) } }
            json.name("MICChallenge")
            json.array { json in for mic in challenge { json.integer(mic) } }
            if let position {
                json.name("GPS")
                json.object { json in
                    json.member("Lat", position.latitude)
                    json.member("Lng", position.longitude)
                    if let altitude = position.altitude { json.member("Alt", altitude) }
                }
            }
        }
    }

    private func writeModulation(to json: inout JSONWriter) {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            json.name("LoRa")
            json.object { json in
                json.member("Spreading", spreading)
                json.member("Bandwidth", bandwidth)
            }
        case .fsk(let deviation, let bitRate):
            json.name("FSK")
            json.object { json in
                json.member("FrequencyDeviation", deviation)
                json.member("BitRate", bitRate)
            }
        case .fhss(let width, let codingRate):
            json.name("FHSS")
            json.object { json in
                json.name(writesCapitalOCW ? "OCW" : "Ocw")
                json.integer(width)
                json.member("CodingRate", codingRate)
            }
        }
    }
}
