// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

extension JSONWriter {
    /// Writes `modulation`, `data_rate` and `bit_rate` as v2 names them: `SF7BW125`. Channel widths are told in kHz.
    mutating func v2Members(_ modulation: Modulation) {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            member("modulation", "LORA")
            member("data_rate", "SF\(spreading)BW\(bandwidth / 1000)")
        case .fsk(_, let bitRate):
            member("modulation", "FSK")
            if bitRate != 0 { member("bit_rate", bitRate) }
        case .fhss(let width, _):
            member("modulation", "LR_FHSS")
            member("data_rate", "M0CW\(width / 1000)")
        }
    }

    /// Writes `data_rate` as v3 does: one member named after the modulation.
    mutating func v3DataRate(_ modulation: Modulation, _ codingRate: RadioMetadata.CodingRate) {
        member("data_rate") { json in
            switch modulation {
            case .lora(let spreading, let bandwidth):
                json.member("lora") { json in
                    json.member("bandwidth", bandwidth)
                    json.member("spreading_factor", spreading)
                    json.member("coding_rate", codingRate.text)
                }
            case .fsk(_, let bitRate):
                json.member("fsk") { json in json.member("bit_rate", bitRate) }
            case .fhss(let width, let codingRate):
                json.member("lrfhss") { json in
                    json.member("operating_channel_width", width)
                    json.member("coding_rate", codingRate)
                }
            }
        }
    }
}
