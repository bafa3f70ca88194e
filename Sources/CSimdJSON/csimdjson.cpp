// SPDX-License-Identifier: Apache-2.0
// The stream frames of the RAN Routing API, read with simdjson's DOM: a whole frame is checked before any of it is used,
// so that a bad one costs only itself. No exception leaves this file; memory is reused from frame to frame.
#include "CSimdJSON.h"

#include <cctype>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include <simdjson.h>

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

struct csimdjson_parser {
    simdjson::dom::parser dom;
    std::vector<uint64_t> dev_euis;
    std::vector<uint8_t> payload;
    std::vector<uint32_t> mics;
    std::vector<csimdjson_device_result> results;

    explicit csimdjson_parser(size_t capacity) : dom(capacity) {}
};

namespace {

using Reason = const char *;
constexpr Reason fine = nullptr;

// A whole number in range, also when written as 868100000.0.
template <typename Integer> bool read(element value, Integer &out) {
    uint64_t whole = 0;
    if (value.get_uint64().get(whole) != simdjson::SUCCESS) {
        double number = 0;
        if (!value.is_double() || value.get_double().get(number) != simdjson::SUCCESS) return false;
        if (!(number >= 0 && number <= 9007199254740992.0)) return false;
        whole = static_cast<uint64_t>(number);
        if (static_cast<double>(whole) != number) return false;
    }
    if (whole > static_cast<uint64_t>(static_cast<Integer>(~Integer(0)))) return false;
    out = static_cast<Integer>(whole);
    return true;
}

bool read(element value, double &out) { return value.get_double().get(out) == simdjson::SUCCESS; }

bool read(element value, float &out) {
    double number = 0;
    if (!read(value, number)) return false;
    out = static_cast<float>(number);
    return true;
}

bool read(element value, csimdjson_text &out) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return false;
    out = {text.data(), text.size()};
    return true;
}

template <typename Integer> bool read(element value, std::vector<Integer> &out) {
    array elements;
    if (value.get_array().get(elements) != simdjson::SUCCESS) return false;
    out.clear();
    for (element item : elements) {
        uint64_t number = 0;
        if (item.get_uint64().get(number) != simdjson::SUCCESS) return false;
        if (number > static_cast<uint64_t>(static_cast<Integer>(~Integer(0)))) return false;
        out.push_back(static_cast<Integer>(number));
    }
    return true;
}

// The transaction's number of a text that is not JSON or not an object we know.
bool scan_transaction_id(const uint8_t *bytes, size_t count, uint64_t &out) {
    constexpr std::string_view key = "\"TransactionID\"";
    std::string_view text(reinterpret_cast<const char *>(bytes), count);
    size_t at = text.find(key);
    if (at == std::string_view::npos) return false;
    at += key.size();
    auto skip_blanks = [&] { while (at < count && std::strchr(" \t\r\n", text[at]) && text[at]) at++; };
    skip_blanks();
    if (at >= count || text[at] != ':') return false;
    at++;
    skip_blanks();
    uint64_t number = 0;
    size_t digits = 0;
    for (; at < count && text[at] >= '0' && text[at] <= '9'; at++, digits++) {
        uint64_t digit = static_cast<uint64_t>(text[at] - '0');
        if (number > (UINT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    // A number cut off by the end of the text may be another one's beginning.
    if (digits == 0 || at >= count) return false;
    out = number;
    return true;
}

template <typename Frame> Reason open(csimdjson_parser *parser, const uint8_t *bytes, size_t count, Frame *out, object &root) {
    element document;
    auto failure = parser->dom.parse(bytes, count, false).get(document);
    if (failure == simdjson::SUCCESS && document.get_object().get(root) == simdjson::SUCCESS) return fine;
    out->has_transaction_id = scan_transaction_id(bytes, count, out->transaction_id);
    return failure == simdjson::SUCCESS ? "the frame is not a JSON object" : simdjson::error_message(failure);
}

Reason read_lora(object lora, csimdjson_upstream *out) {
    bool spreading = false, bandwidth = false;
    for (auto [key, value] : lora) {
        if (key == "Spreading") {
            uint8_t factor = 0;
            if (!(spreading = read(value, factor))) return "Radio.LoRa.Spreading is not a small whole number";
            out->first = factor;
        } else if (key == "Bandwidth") {
            if (!(bandwidth = read(value, out->second))) return "Radio.LoRa.Bandwidth is not a whole number";
        }
    }
    if (!spreading || !bandwidth) return "Radio.LoRa lacks Spreading or Bandwidth";
    out->modulation = CSIMDJSON_LORA;
    return fine;
}

Reason read_fsk(object fsk, csimdjson_upstream *out) {
    bool deviation = false, rate = false;
    for (auto [key, value] : fsk) {
        if (key == "FrequencyDeviation") {
            if (!(deviation = read(value, out->first))) return "Radio.FSK.FrequencyDeviation is not a whole number";
        } else if (key == "BitRate") {
            if (!(rate = read(value, out->second))) return "Radio.FSK.BitRate is not a whole number";
        }
    }
    if (!deviation || !rate) return "Radio.FSK lacks FrequencyDeviation or BitRate";
    out->modulation = CSIMDJSON_FSK;
    return fine;
}

Reason read_fhss(object fhss, csimdjson_upstream *out) {
    bool width = false, rate = false;
    for (auto [key, value] : fhss) {
        if (key == "Ocw" || key == "OCW") {
            if (!(width = read(value, out->first))) return "Radio.FHSS.Ocw is not a whole number";
        } else if (key == "CodingRate") {
            if (!(rate = read(value, out->coding_rate))) return "Radio.FHSS.CodingRate is not a text";
        }
    }
    if (!width || !rate) return "Radio.FHSS lacks Ocw or CodingRate";
    out->modulation = CSIMDJSON_FHSS;
    return fine;
}

Reason read_radio(object radio, csimdjson_upstream *out) {
    bool frequency = false, rssi = false, snr = false;
    int modulations = 0;
    for (auto [key, value] : radio) {
        if (value.is_null()) continue;
        object inner;
        bool is_object = value.get_object().get(inner) == simdjson::SUCCESS;
        Reason wrong = fine;
        if (key == "Frequency") {
            if (!(frequency = read(value, out->frequency))) return "Radio.Frequency is not a whole number of 32 bits";
        } else if (key == "RSSI") {
            if (!(rssi = read(value, out->rssi))) return "Radio.RSSI is not a number";
        } else if (key == "SNR") {
            if (!(snr = read(value, out->snr))) return "Radio.SNR is not a number";
        } else if (key == "LoRa") {
            modulations++;
            wrong = is_object ? read_lora(inner, out) : "Radio.LoRa is not an object";
        } else if (key == "FSK") {
            modulations++;
            wrong = is_object ? read_fsk(inner, out) : "Radio.FSK is not an object";
        } else if (key == "FHSS") {
            modulations++;
            wrong = is_object ? read_fhss(inner, out) : "Radio.FHSS is not an object";
        }
        if (wrong) return wrong;
    }
    if (!frequency) return "Radio.Frequency is missing";
    if (!rssi) return "Radio.RSSI is missing";
    if (!snr) return "Radio.SNR is missing";
    if (modulations != 1) return "Radio has not exactly one of LoRa, FSK and FHSS";
    return fine;
}

Reason read_position(object position, csimdjson_upstream *out) {
    bool latitude = false, longitude = false;
    for (auto [key, value] : position) {
        if (value.is_null()) continue;
        if (key == "Lat") {
            if (!(latitude = read(value, out->latitude))) return "GPS.Lat is not a number";
        } else if (key == "Lng") {
            if (!(longitude = read(value, out->longitude))) return "GPS.Lng is not a number";
        } else if (key == "Alt") {
            if (!(out->has_altitude = read(value, out->altitude))) return "GPS.Alt is not a number";
        }
    }
    if (!latitude || !longitude) return "GPS lacks Lat or Lng";
    out->has_position = true;
    return fine;
}

Reason read_upstream_member(csimdjson_parser *parser, std::string_view key, element value, csimdjson_upstream *out,
                            bool &has_radio) {
    object inner;
    if (key == "TransactionID") {
        out->has_transaction_id = read(value, out->transaction_id);
        if (!out->has_transaction_id) return "TransactionID is not a whole number of 64 bits";
    } else if (key == "DevEUIs") {
        if (!read(value, parser->dev_euis)) return "DevEUIs is not a list of whole numbers of 64 bits";
    } else if (key == "PHYPayloadNoMIC") {
        if (!read(value, parser->payload)) return "PHYPayloadNoMIC is not a list of octets";
    } else if (key == "MICChallenge") {
        if (!read(value, parser->mics)) return "MICChallenge is not a list of whole numbers of 32 bits";
    } else if (key == "Outdated") {
        if (value.get_bool().get(out->is_outdated) != simdjson::SUCCESS) return "Outdated is not a truth value";
    } else if (key == "Radio") {
        if (value.get_object().get(inner) != simdjson::SUCCESS) return "Radio is not an object";
        has_radio = true;
        return read_radio(inner, out);
    } else if (key == "GPS") {
        if (value.get_object().get(inner) != simdjson::SUCCESS) return "GPS is not an object";
        return read_position(inner, out);
    }
    return fine;
}

Reason read_upstream(csimdjson_parser *parser, object root, csimdjson_upstream *out) {
    bool has_radio = false;
    Reason wrong = fine;
    // The first fault is reported, but reading goes on: the transaction's number may come later.
    for (auto [key, value] : root) {
        if (value.is_null()) continue;
        Reason fault = read_upstream_member(parser, key, value, out, has_radio);
        if (fault && !wrong) wrong = fault;
    }
    if (wrong) return wrong;
    if (!out->has_transaction_id) return "TransactionID is missing";
    if (parser->dev_euis.empty()) return "DevEUIs is missing or empty";
    if (parser->payload.empty()) return "PHYPayloadNoMIC is missing or empty";
    if (parser->mics.empty()) return "MICChallenge is missing or empty";
    if (!has_radio) return "Radio is missing";
    return fine;
}

Reason read_results(csimdjson_parser *parser, array list, csimdjson_downstream *out) {
    for (element item : list) {
        object entry;
        if (item.get_object().get(entry) != simdjson::SUCCESS) return "Results holds something else than objects";
        csimdjson_device_result result = {};
        bool has_device = false;
        for (auto [key, value] : entry) {
            if (value.is_null()) continue;
            if (key == "DevEUI") {
                if (!(has_device = read(value, result.dev_eui))) return "Results.DevEUI is not a number of 64 bits";
            } else if (key == "ResultCode") {
                if (!read(value, result.code)) return "Results.ResultCode is not a text";
            } else if (key == "ResultMessage") {
                if (!read(value, result.message)) return "Results.ResultMessage is not a text";
            }
        }
        if (!has_device || !result.code.bytes) return "Results lacks DevEUI or ResultCode";
        parser->results.push_back(result);
    }
    out->has_results = true;
    return fine;
}

Reason read_downstream_member(csimdjson_parser *parser, std::string_view key, element value, csimdjson_downstream *out) {
    if (key == "TransactionID") {
        out->has_transaction_id = read(value, out->transaction_id);
        if (!out->has_transaction_id) return "TransactionID is not a whole number of 64 bits";
    } else if (key == "MailboxID") {
        out->has_mailbox_id = read(value, out->mailbox_id);
        if (!out->has_mailbox_id) return "MailboxID is not a whole number of 64 bits";
    } else if (key == "ResultCode") {
        if (!read(value, out->code)) return "ResultCode is not a text";
    } else if (key == "ResultMessage") {
        if (!read(value, out->message)) return "ResultMessage is not a text";
    } else if (key == "Results") {
        array list;
        if (value.get_array().get(list) != simdjson::SUCCESS) return "Results is not a list";
        return read_results(parser, list, out);
    }
    return fine;
}

Reason read_downstream(csimdjson_parser *parser, object root, csimdjson_downstream *out) {
    Reason wrong = fine;
    for (auto [key, value] : root) {
        if (value.is_null()) continue;
        Reason fault = read_downstream_member(parser, key, value, out);
        if (fault && !wrong) wrong = fault;
    }
    if (wrong) return wrong;
    return out->has_transaction_id ? fine : "TransactionID is missing";
}

// Memory may run out inside simdjson's vectors and ours: a C caller must not see the exception.
template <typename Body> Reason guarded(Body body) {
    try {
        return body();
    } catch (const std::exception &) {
        return "no memory for the frame";
    }
}

} // namespace

extern "C" {

const char *csimdjson_version(void) { return SIMDJSON_STRINGIFY(SIMDJSON_VERSION); }

size_t csimdjson_padding(void) { return simdjson::SIMDJSON_PADDING; }

csimdjson_parser *csimdjson_parser_new(size_t capacity) { return new (std::nothrow) csimdjson_parser(capacity); }

void csimdjson_parser_free(csimdjson_parser *parser) { delete parser; }

const char *csimdjson_parse_upstream(csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_upstream *out) {
    *out = {};
    return guarded([&]() -> Reason {
        parser->dev_euis.clear();
        parser->payload.clear();
        parser->mics.clear();
        object root;
        if (Reason wrong = open(parser, bytes, count, out, root)) return wrong;
        if (Reason wrong = read_upstream(parser, root, out)) return wrong;
        out->dev_euis = parser->dev_euis.data();
        out->dev_eui_count = parser->dev_euis.size();
        out->payload = parser->payload.data();
        out->payload_count = parser->payload.size();
        out->mics = parser->mics.data();
        out->mic_count = parser->mics.size();
        return fine;
    });
}

const char *csimdjson_parse_downstream(
    csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_downstream *out) {
    *out = {};
    return guarded([&]() -> Reason {
        parser->results.clear();
        object root;
        if (Reason wrong = open(parser, bytes, count, out, root)) return wrong;
        if (Reason wrong = read_downstream(parser, root, out)) return wrong;
        out->results = parser->results.data();
        out->result_count = parser->results.size();
        return fine;
    });
}
}
