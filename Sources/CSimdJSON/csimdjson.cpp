// SPDX-License-Identifier: Apache-2.0
// The stream frames of the RAN Routing API, read with simdjson on demand. Nothing of a frame is used before it has been
// read to its end, so that a bad one costs only itself; what is unknown in it is skipped by its brackets. No exception
// leaves this file; memory is reused from frame to frame.
#include "CSimdJSON.h"
#include "number_list.h"

#include <cctype>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include <simdjson.h>

using simdjson::ondemand::array;
using simdjson::ondemand::document;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

struct csimdjson_parser {
    simdjson::ondemand::parser json;
    std::vector<uint64_t> dev_euis;
    std::vector<uint8_t> payload;
    std::vector<uint32_t> mics;
    std::vector<csimdjson_device_result> results;
    // A challenge that was read before the rest of its frame, and that frame with a mark in its place. Both only grow.
    NumberList challenge;
    std::vector<uint8_t> shortened;

    explicit csimdjson_parser(size_t capacity) : json(capacity) {}
};

namespace {

using Reason = const char *;
constexpr Reason fine = nullptr;

// A whole number in range, also when written as 868100000.0.
template <typename Integer> bool read(value value, Integer &out) {
    uint64_t whole = 0;
    if (value.get_uint64().get(whole) != simdjson::SUCCESS) {
        double number = 0;
        if (value.get_double().get(number) != simdjson::SUCCESS) return false;
        if (!(number >= 0 && number <= 9007199254740992.0)) return false;
        whole = static_cast<uint64_t>(number);
        if (static_cast<double>(whole) != number) return false;
    }
    if (whole > static_cast<uint64_t>(static_cast<Integer>(~Integer(0)))) return false;
    out = static_cast<Integer>(whole);
    return true;
}

bool read(value value, double &out) { return value.get_double().get(out) == simdjson::SUCCESS; }

bool read(value value, float &out) {
    double number = 0;
    if (!read(value, number)) return false;
    out = static_cast<float>(number);
    return true;
}

bool read(value value, csimdjson_text &out) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return false;
    out = {text.data(), text.size()};
    return true;
}

constexpr std::string_view challenge_mark = "[null]";

// A challenge may be thousands of numbers, nearly all of its frame: they are read here, and simdjson is given the frame
// with a mark in their place. Leaves `bytes` alone when the frame does not look like that.
void set_challenge_apart(csimdjson_parser *parser, const uint8_t *&bytes, size_t &count) {
    constexpr std::string_view key = "\"MICChallenge\":";
    std::string_view text(reinterpret_cast<const char *>(bytes), count);
    parser->challenge.count = 0;
    size_t start = text.find(key);
    // Behind a backslash the quote belongs to another name.
    if (start == std::string_view::npos || (start > 0 && text[start - 1] == '\\')) return;
    start += key.size();
    if (start < count && text[start] == ' ') start++;
    if (start >= count || text[start] != '[') return;
    const char *rest = read_number_list(text.data() + start + 1, text.data() + count, parser->challenge);
    if (!rest) return;
    auto &frame = parser->shortened;
    frame.assign(text.begin(), text.begin() + start);
    frame.insert(frame.end(), challenge_mark.begin(), challenge_mark.end());
    frame.insert(frame.end(), rest, text.data() + count);
    count = frame.size();
    frame.insert(frame.end(), simdjson::SIMDJSON_PADDING, 0);
    bytes = frame.data();
}

template <typename Integer> bool read(value value, std::vector<Integer> &out) {
    array elements;
    if (value.get_array().get(elements) != simdjson::SUCCESS) return false;
    out.clear();
    for (auto item : elements) {
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

// Passes each member that is not null to `body(key, value)`, until it finds fault or the text is no JSON.
template <typename Body> Reason each_member(object members, Body body) {
    for (auto field : members) {
        std::string_view key;
        value value;
        bool is_null = false;
        auto failure = field.unescaped_key().get(key);
        if (!failure) failure = field.value().get(value);
        if (!failure) failure = value.is_null().get(is_null);
        if (failure) return simdjson::error_message(failure);
        if (is_null) continue;
        if (Reason wrong = body(key, value)) return wrong;
    }
    return fine;
}

// Reads a frame to its end. The first fault is reported, but reading goes on: the transaction's number may come later.
template <typename Frame, typename Body>
Reason read_frame(csimdjson_parser *parser, const uint8_t *bytes, size_t count, Frame *out, Body body) {
    document frame;
    object root;
    Reason wrong = fine;
    auto failure = parser->json.iterate(bytes, count, count + simdjson::SIMDJSON_PADDING).get(frame);
    if (!failure) {
        failure = frame.get_object().get(root);
        if (failure == simdjson::INCORRECT_TYPE) wrong = "the frame is not a JSON object";
    }
    if (failure) {
        if (!wrong) wrong = simdjson::error_message(failure);
    } else {
        Reason broken = each_member(root, [&](std::string_view key, value value) -> Reason {
            Reason fault = body(key, value);
            if (fault && !wrong) wrong = fault;
            return fine;
        });
        if (!broken && frame.current_location().error() != simdjson::OUT_OF_BOUNDS) broken = "something follows the frame";
        if (broken) {
            failure = simdjson::TAPE_ERROR;
            if (!wrong) wrong = broken;
        }
    }
    if (failure && !out->has_transaction_id) {
        out->has_transaction_id = scan_transaction_id(bytes, count, out->transaction_id);
    }
    return wrong;
}

Reason read_lora(object lora, csimdjson_upstream *out) {
    bool spreading = false, bandwidth = false;
    Reason wrong = each_member(lora, [&](std::string_view key, value value) -> Reason {
        if (key == "Spreading") {
            uint8_t factor = 0;
            if (!(spreading = read(value, factor))) return "Radio.LoRa.Spreading is not a small whole number";
            out->first = factor;
        } else if (key == "Bandwidth") {
            if (!(bandwidth = read(value, out->second))) return "Radio.LoRa.Bandwidth is not a whole number";
        }
        return fine;
    });
    if (wrong) return wrong;
    if (!spreading || !bandwidth) return "Radio.LoRa lacks Spreading or Bandwidth";
    out->modulation = CSIMDJSON_LORA;
    return fine;
}

Reason read_fsk(object fsk, csimdjson_upstream *out) {
    bool deviation = false, rate = false;
    Reason wrong = each_member(fsk, [&](std::string_view key, value value) -> Reason {
        if (key == "FrequencyDeviation") {
            if (!(deviation = read(value, out->first))) return "Radio.FSK.FrequencyDeviation is not a whole number";
        } else if (key == "BitRate") {
            if (!(rate = read(value, out->second))) return "Radio.FSK.BitRate is not a whole number";
        }
        return fine;
    });
    if (wrong) return wrong;
    if (!deviation || !rate) return "Radio.FSK lacks FrequencyDeviation or BitRate";
    out->modulation = CSIMDJSON_FSK;
    return fine;
}

Reason read_fhss(object fhss, csimdjson_upstream *out) {
    bool width = false, rate = false;
    Reason wrong = each_member(fhss, [&](std::string_view key, value value) -> Reason {
        if (key == "Ocw" || key == "OCW") {
            if (!(width = read(value, out->first))) return "Radio.FHSS.Ocw is not a whole number";
        } else if (key == "CodingRate") {
            if (!(rate = read(value, out->coding_rate))) return "Radio.FHSS.CodingRate is not a text";
        }
        return fine;
    });
    if (wrong) return wrong;
    if (!width || !rate) return "Radio.FHSS lacks Ocw or CodingRate";
    out->modulation = CSIMDJSON_FHSS;
    return fine;
}

Reason read_radio(object radio, csimdjson_upstream *out) {
    bool frequency = false, rssi = false, snr = false;
    int modulations = 0;
    Reason wrong = each_member(radio, [&](std::string_view key, value value) -> Reason {
        object inner;
        if (key == "Frequency") {
            if (!(frequency = read(value, out->frequency))) return "Radio.Frequency is not a whole number of 32 bits";
        } else if (key == "RSSI") {
            if (!(rssi = read(value, out->rssi))) return "Radio.RSSI is not a number";
        } else if (key == "SNR") {
            if (!(snr = read(value, out->snr))) return "Radio.SNR is not a number";
        } else if (key == "LoRa") {
            modulations++;
            return value.get_object().get(inner) ? "Radio.LoRa is not an object" : read_lora(inner, out);
        } else if (key == "FSK") {
            modulations++;
            return value.get_object().get(inner) ? "Radio.FSK is not an object" : read_fsk(inner, out);
        } else if (key == "FHSS") {
            modulations++;
            return value.get_object().get(inner) ? "Radio.FHSS is not an object" : read_fhss(inner, out);
        }
        return fine;
    });
    if (wrong) return wrong;
    if (!frequency) return "Radio.Frequency is missing";
    if (!rssi) return "Radio.RSSI is missing";
    if (!snr) return "Radio.SNR is missing";
    if (modulations != 1) return "Radio has not exactly one of LoRa, FSK and FHSS";
    return fine;
}

Reason read_position(object position, csimdjson_upstream *out) {
    bool latitude = false, longitude = false;
    Reason wrong = each_member(position, [&](std::string_view key, value value) -> Reason {
        if (key == "Lat") {
            if (!(latitude = read(value, out->latitude))) return "GPS.Lat is not a number";
        } else if (key == "Lng") {
            if (!(longitude = read(value, out->longitude))) return "GPS.Lng is not a number";
        } else if (key == "Alt") {
            if (!(out->has_altitude = read(value, out->altitude))) return "GPS.Alt is not a number";
        }
        return fine;
    });
    if (wrong) return wrong;
    if (!latitude || !longitude) return "GPS lacks Lat or Lng";
    out->has_position = true;
    return fine;
}

Reason read_upstream_member(csimdjson_parser *parser, std::string_view key, value value, csimdjson_upstream *out,
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
        bool is_apart = std::memcmp(value.raw_json_token().data(), challenge_mark.data(), challenge_mark.size()) == 0;
        if (parser->challenge.count > 0 && is_apart) {
            out->mics = parser->challenge.numbers.data();
            out->mic_count = parser->challenge.count;
            return fine;
        }
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

Reason read_upstream(csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_upstream *out) {
    bool has_radio = false;
    Reason wrong = read_frame(parser, bytes, count, out, [&](std::string_view key, value value) {
        return read_upstream_member(parser, key, value, out, has_radio);
    });
    if (wrong) return wrong;
    if (!out->has_transaction_id) return "TransactionID is missing";
    if (parser->dev_euis.empty()) return "DevEUIs is missing or empty";
    if (parser->payload.empty()) return "PHYPayloadNoMIC is missing or empty";
    if (!out->mics) {
        out->mics = parser->mics.data();
        out->mic_count = parser->mics.size();
    }
    if (out->mic_count == 0) return "MICChallenge is missing or empty";
    if (!has_radio) return "Radio is missing";
    return fine;
}

Reason read_results(csimdjson_parser *parser, array list, csimdjson_downstream *out) {
    for (auto item : list) {
        object entry;
        if (item.get_object().get(entry) != simdjson::SUCCESS) return "Results holds something else than objects";
        csimdjson_device_result result = {};
        bool has_device = false;
        Reason wrong = each_member(entry, [&](std::string_view key, value value) -> Reason {
            if (key == "DevEUI") {
                if (!(has_device = read(value, result.dev_eui))) return "Results.DevEUI is not a number of 64 bits";
            } else if (key == "ResultCode") {
                if (!read(value, result.code)) return "Results.ResultCode is not a text";
            } else if (key == "ResultMessage") {
                if (!read(value, result.message)) return "Results.ResultMessage is not a text";
            }
            return fine;
        });
        if (wrong) return wrong;
        if (!has_device || !result.code.bytes) return "Results lacks DevEUI or ResultCode";
        parser->results.push_back(result);
    }
    out->has_results = true;
    return fine;
}

Reason read_downstream_member(csimdjson_parser *parser, std::string_view key, value value, csimdjson_downstream *out) {
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

Reason read_downstream(csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_downstream *out) {
    Reason wrong = read_frame(parser, bytes, count, out, [&](std::string_view key, value value) {
        return read_downstream_member(parser, key, value, out);
    });
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
        set_challenge_apart(parser, bytes, count);
        if (Reason wrong = read_upstream(parser, bytes, count, out)) return wrong;
        out->dev_euis = parser->dev_euis.data();
        out->dev_eui_count = parser->dev_euis.size();
        out->payload = parser->payload.data();
        out->payload_count = parser->payload.size();
        return fine;
    });
}

const char *csimdjson_parse_downstream(
    csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_downstream *out) {
    *out = {};
    return guarded([&]() -> Reason {
        parser->results.clear();
        if (Reason wrong = read_downstream(parser, bytes, count, out)) return wrong;
        out->results = parser->results.data();
        out->result_count = parser->results.size();
        return fine;
    });
}
}
