// SPDX-License-Identifier: Apache-2.0

/// The part of the harness that encodes, calls a function by name, lists functions and normalizes measurements.
enum HarnessCalls {
    static let source = #"""

        // The measurements that may be published under `normalized_payload`: [least, greatest, greatest is excluded].
        const ANY = Infinity;
        const SCHEMA = {
            __proto__: null,
            time: 'time',
            soil: {
                __proto__: null, depth: [0, ANY], moisture: [0, 100], temperature: [-273.15, ANY], ec: [0, 621],
                pH: [0, 14], n: [0, 1000000], p: [0, 1000000], k: [0, 1000000],
            },
            air: {
                __proto__: null, temperature: [-273.15, ANY], relativeHumidity: [0, 100], pressure: [900, 1100],
                co2: [0, 1000000], lightIntensity: [0, ANY],
            },
            wind: { __proto__: null, speed: [0, ANY], direction: [0, 360, true] },
        };

        // One measurement's sections, or null when it does not fit the schema. `fault` says why.
        let fault = '';
        function measurement(source, number) {
            const result = {};
            let text = '';
            let isEmpty = true;
            const names = keys(source);
            for (let index = 0; index < names.length; index++) {
                const name = names[index], rule = SCHEMA[name], member = source[name];
                if (rule === undefined) { fault = 'unknown key `' + name + '`'; return null; }
                if (rule === 'time') {
                    if (typeof member !== 'string' || !isFinite(Date.parse(member))) { fault = '`time` is not a time'; return null; }
                    result.time = member;
                    isEmpty = false;
                    continue;
                }
                if (typeof member !== 'object' || member === null) { fault = '`' + name + '` is not an object'; return null; }
                const group = {};
                let isGroupEmpty = true;
                const inner = keys(member);
                for (let position = 0; position < inner.length; position++) {
                    const leaf = inner[position], range = rule[leaf], number_ = member[leaf];
                    const path = name + '.' + leaf;
                    if (range === undefined) { fault = 'unknown key `' + path + '`'; return null; }
                    if (typeof number_ !== 'number') { fault = '`' + path + '` is not a number'; return null; }
                    if (!(number_ >= range[0])) {
                        text += SEPARATOR + 'w' + stringify('measurement ' + number + ': `' + path + '` should be equal or greater than `' + range[0] + '`');
                    } else if (range[2] === true ? !(number_ < range[1]) : !(number_ <= range[1])) {
                        text += SEPARATOR + 'w' + stringify('measurement ' + number + ': `' + path + '` should be ' +
                            (range[2] === true ? '' : 'equal or ') + 'less than `' + range[1] + '`');
                    } else {
                        group[leaf] = number_;
                        isGroupEmpty = false;
                    }
                }
                if (!isGroupEmpty) { result[name] = group; isEmpty = false; }
            }
            return isEmpty ? text : text + SEPARATOR + 'N' + stringify(result);
        }

        function normalized(list) {
            let text = '';
            for (let index = 0; index < list.length; index++) {
                const source = list[index];
                fault = 'is not an object';
                const one = typeof source === 'object' && source !== null ? measurement(source, index + 1) : null;
                if (one === null) return SEPARATOR + problem('x', 's', 1, 'measurement ' + (index + 1) + ': ' + fault, null);
                text += one;
            }
            return text;
        }

        // Without a normalizer the decoded object itself is a measurement when every key of it is in the schema.
        function implied(object, fields) {
            const names = keys(object);
            for (let index = 0; index < names.length; index++) {
                if (SCHEMA[names[index]] === undefined) return '';
            }
            if (names.length === 0) return '';
            try {
                const text = measurement(parse(fields), 1);
                return text === null ? '' : text;
            } catch { return ''; }
        }

        // The checked octets of an encoder as a section, or a problem section.
        function octetsText(stage, list, code) {
            const isOctets = list instanceof Uint8Array;
            if (!isArray(list) && !isOctets) return problem('E', code, stage, '', null);
            if (list.length > 4096) return problem('E', 'l', stage, '' + list.length, null);
            let text = '';
            for (let index = 0; index < list.length; index++) {
                const octet = list[index];
                if (typeof octet !== 'number' || !isInteger(octet)) return problem('E', 'i', stage, '', null);
                if (octet < 0 || octet > 255) return problem('E', 'r', stage, '', null);
                text += (index > 0 ? ',' : '') + octet;
            }
            return 'B' + text;
        }

        // flags: 1 version 2 (its own encoder first), 2 version 3, 4 dry run.
        function encode(formatter, flags, port, json) {
            begin((flags & 4) !== 0);
            const first = (flags & 1) !== 0 ? 7 : 2;
            BYTES[STAGE] = first + 1;
            shown = '';
            return SEPARATOR + encoded(formatter, flags, port, json, first) + shown + (logs === null ? '' : logs);
        }

        // In a dry run: what an encoder returned, before it is checked.
        let shown = '';
        function show(flags, stage, result) {
            if ((flags & 4) === 0) return result;
            let text;
            try { text = stringify(result); } catch (error) { text = stringify(textOf(error)); }
            if (typeof text === 'string' && text.length <= RESULT_LIMIT) shown = SEPARATOR + 'S' + stage + text;
            return result;
        }

        function encoded(formatter, flags, port, json, first) {
            let data;
            try { data = parse(json); } catch (error) { return problem('E', 'j', first, textOf(error), null); }
            const script = formatter.encoder;
            if (script === undefined) return problem('E', 'f', first, '', null);
            let scope;
            try { scope = instance(script); } catch (error) { return thrown('E', first, error); }
            const order = (flags & 1) !== 0 ? [7, 2, 9] : [2, 7, 9];
            let encoder, stage = first;
            for (let index = 0; index < 3 && encoder === undefined; index++) encoder = lookUp(scope, stage = order[index]);
            if (encoder === undefined) return problem('E', 'f', first, '', null);
            enter(stage);
            try {
                if (stage === 7) return octetsText(7, show(flags, 7, encoder(data, port)), 'a');
                if (stage === 9) return octetsText(9, show(flags, 9, encoder(port, data, {})), 'a');
                const result = show(flags, 2, encoder({ data, fPort: port, variables: {} }));
                if (result === null || result === undefined) return problem('E', 'u', 2, '', null);
                const errors = messages(result.errors);
                if (errors.length > 0) return problem('E', 'e', 2, joined(errors), null);
                const text = octetsText(2, result.bytes, 'a');
                if (text[0] === 'E') return text;
                const chosen = result.fPort;
                let override = '';
                if (chosen !== undefined && chosen !== null && chosen !== 0) {
                    if (!isInteger(chosen) || chosen < 0 || chosen > 255) return problem('E', 'p', 2, '', null);
                    override = SEPARATOR + 'P' + chosen;
                }
                return text + override + sections('W', messages(result.warnings));
            } catch (error) { return thrown('E', stage, error); }
        }

        // Calls one function by its stage with the input of the Alliance's interface; the answer is what it returned.
        function call(formatter, stage, json) {
            begin(true);
            BYTES[STAGE] = stage + 1;
            return SEPARATOR + called(formatter, stage, json) + logs;
        }

        function called(formatter, stage, json) {
            let input;
            try { input = parse(json); } catch (error) { return problem('E', 'j', stage, textOf(error), null); }
            let scope, invoked;
            try {
                scope = instance(formatter.decoder);
                invoked = lookUp(scope, stage);
            } catch (error) { return thrown('E', stage, error); }
            if (invoked === undefined) return problem('E', 'f', stage, '', null);
            if (typeof input !== 'object' || input === null) return problem('E', 'j', stage, 'the input is not an object', null);
            if (typeof input.recvTime === 'string') {
                input.recvTime = new Date(input.recvTime);
                if (!isFinite(+input.recvTime)) return problem('E', 'j', stage, 'recvTime is not a time', null);
            }
            const port = input.fPort, variables = input.variables === undefined ? {} : input.variables;
            let result;
            enter(stage);
            try {
                switch (stage) {
                case 4: result = invoked(input.bytes, port); break;
                case 5: case 6: result = invoked(input.data, port); break;
                case 7: result = invoked(input.data, port); break;
                case 8: result = invoked(port, input.bytes, variables); break;
                case 9: result = invoked(port, input.data, variables); break;
                default: result = invoked(input);
                }
            } catch (error) { return thrown('E', stage, error); }
            let text;
            try { text = stringify(result); } catch (error) { return refused('E', stage, error); }
            if (typeof text !== 'string') return 'U';
            return text.length > RESULT_LIMIT ? problem('E', 'l', stage, '' + text.length, null) : 'R' + text;
        }

        // The functions a script offers, as the digits of their stages.
        function list(formatter) {
            begin(true);
            BYTES[STAGE] = 0;
            let scope;
            try { scope = instance(formatter.decoder); } catch (error) { return SEPARATOR + thrown('E', 0, error) + logs; }
            let found = '';
            for (let stage = 0; stage < NAMES.length; stage++) {
                try { if (lookUp(scope, stage) !== undefined) found += stage; } catch { found += ''; }
            }
            return SEPARATOR + 'Q' + found + logs;
        }

        // The parts of a formatter as it is kept between calls.
        function link(isSingle, decoder, converter, validator, encoder) {
            if (!isSingle) {
                return freeze({ isSingle, decoder, converter, validator, encoder });
            }
            return freeze({ isSingle, decoder, converter: undefined, validator: undefined, encoder: decoder });
        }
        """#
}
