// SPDX-License-Identifier: Apache-2.0

/// The JavaScript that surrounds every formatter: it makes the arguments, calls the functions, checks their results and
/// writes the answer as text of sections separated by U+0001, which JSON text never holds. `Envelope` reads them.
///
/// It is evaluated in each realm before any formatter and keeps its own references to built-ins, so that a formatter
/// which replaces them changes only its own result.
enum Harness {
    /// An expression whose value is a function `(frozen, bytes, limit)` that prepares the realm and returns the entry
    /// points. The body continues with `HarnessCalls`, `HarnessBatch`, `HarnessBuffer` and `HarnessHardening`.
    static let source =
        "(function (frozen, BYTES, RESULT_LIMIT) {" + core + HarnessCalls.source + HarnessBatch.source
        + HarnessBuffer.source + HarnessHardening.source
        + "\nreturn freeze({ link, decode: single, encode, call, list, keep, batch, rescue });\n})"

    private static let core = #"""
        'use strict';
        const G = globalThis;
        const { stringify, parse } = JSON;
        const { keys, freeze, defineProperty, preventExtensions, getOwnPropertySymbols } = Object;
        const { apply, deleteProperty, ownKeys, getPrototypeOf, getOwnPropertyDescriptor } = Reflect;
        const { isArray } = Array;
        const { isInteger, isFinite } = Number;
        const { Date, String, Error, Uint8Array } = G;
        const includes = Function.prototype.call.bind(G.String.prototype.includes);
        const { now } = Date;
        const INPUT = 128, STAGE = 0, STEP = 1, TAINT = 2, CALL = 3, DONE = 4, SLOW = 64;
        const NAMES = ['decodeUplink', 'normalizeUplink', 'encodeDownlink', 'decodeDownlink', 'Decoder', 'Converter',
            'Validator', 'Encoder', 'Decode', 'Encode'];
        const SEPARATOR = '\u0001';
        const DRIVER = 10;
        let logs = null;
        let logSize = 0;
        let seesSymbols = false;
        let seesJobs = false;
        // Where the octets of the call begin.
        let first = INPUT;

        // Sections: tag, problem code, stage digit, line, column, text.
        function problem(tag, code, stage, text, error) {
            let line = 0, column = 0;
            try {
                if (typeof error === 'object' && error !== null && error.sourceURL === 'formatter') {
                    line = error.line | 0;
                    column = error.column | 0;
                }
            } catch { line = 0; }
            return tag + code + stage + line + ',' + column + ',' + stringify(text);
        }

        function textOf(value) {
            try { return String(value); } catch { return 'an exception that cannot be printed'; }
        }

        // What the engine says of an allocation that it refuses.
        function isOutOfMemory(text) {
            return text === 'RangeError: Out of memory' || text === 'RangeError: length too large';
        }

        function thrown(tag, stage, error) {
            const text = textOf(error);
            return problem(tag, isOutOfMemory(text) ? 'm' : 't', stage, text, error);
        }

        // A result that stringify refuses: a cycle or a BigInt is a wrong type, what a getter of the formatter throws is its own.
        function refused(tag, stage, error) {
            let isOwn = false;
            try { isOwn = typeof error !== 'object' || error === null || error.sourceURL === 'formatter'; } catch { isOwn = true; }
            const text = textOf(error);
            if (isOutOfMemory(text)) return problem(tag, 'm', stage, text, error);
            return problem(tag, isOwn ? 't' : 'c', stage, text, error);
        }

        function enter(stage) {
            BYTES[STAGE] = stage + 1;
            BYTES[STEP] = BYTES[STEP] + 1;
        }

        function write(...values) {
            if (logs === null || logSize > 16384) return;
            let text = '[' + stringify(NAMES[BYTES[STAGE] - 1] || '');
            for (let index = 0; index < values.length; index++) {
                let field;
                try { field = stringify(values[index]); } catch (error) { field = textOf(error); }
                if (typeof field !== 'string') field = textOf(values[index]);
                text += ',' + stringify(field.slice(0, 4096));
            }
            text += ']';
            logSize += text.length;
            logs += SEPARATOR + 'L' + text;
        }

        // Everything a call could have left behind in the realm goes before the next one begins.
        function begin(keepsLogs) {
            if (frozen) {
                const left = keys(G);
                for (let index = 0; index < left.length; index++) {
                    if (!deleteProperty(G, left[index])) BYTES[TAINT] = 1;
                }
                if (seesSymbols) {
                    const symbols = getOwnPropertySymbols(G);
                    for (let index = 0; index < symbols.length; index++) {
                        if (!deleteProperty(G, symbols[index])) BYTES[TAINT] = 1;
                    }
                    seesSymbols = false;
                }
            }
            Error.stackTraceLimit = 100;
            logs = keepsLogs ? '' : null;
            logSize = 0;
        }

        function octets(count) {
            const bytes = [];
            for (let index = 0; index < count; index++) bytes[index] = BYTES[first + index];
            return bytes;
        }

        // An instance of a script: its functions with fresh variables.
        function instance(script) {
            const module = { exports: {} };
            return { find: script(module.exports, module), module };
        }

        function lookUp(scope, stage) {
            const declared = scope.find(stage);
            if (declared !== undefined) return declared;
            const exported = scope.module.exports;
            const isModule = exported !== null && exported !== undefined;
            if (isModule && typeof exported[NAMES[stage]] === 'function') return exported[NAMES[stage]];
            // A catalogue's drivers are one object, exported or declared.
            let driver = isModule ? exported.driver : undefined;
            if (driver === null || driver === undefined) driver = scope.find(DRIVER);
            if (driver === undefined) return undefined;
            const member = driver[NAMES[stage]];
            return typeof member === 'function' ? member : undefined;
        }

        function nonFinite(value, path) {
            if (typeof value === 'number') return isFinite(value) ? null : path;
            if (typeof value !== 'object' || value === null) return null;
            const names = keys(value);
            for (let index = 0; index < names.length; index++) {
                const name = names[index];
                const found = nonFinite(value[name], path === '' ? name : path + '.' + name);
                if (found !== null) return found;
            }
            return null;
        }

        // The JSON text of an object, or a problem section (it does not begin with a brace).
        function objectText(tag, stage, value) {
            if (typeof value !== 'object' || value === null || isArray(value)) return problem(tag, 'o', stage, '', null);
            let text;
            try { text = stringify(value); } catch (error) { return refused(tag, stage, error); }
            if (typeof text !== 'string' || text[0] !== '{') return problem(tag, 'o', stage, '', null);
            if (text.length > RESULT_LIMIT) return problem(tag, 'l', stage, '' + text.length, null);
            if (includes(text, 'null')) {
                const path = nonFinite(value, '');
                if (path !== null) return problem(tag, 'n', stage, path, null);
            }
            return text;
        }

        // Runs a decoder of any dialect: the JSON text of its object (then `value`, `warnings` are set) or a problem section.
        let value, warnings, published;
        function decoded(tag, stage, decoder, count, port, time) {
            enter(stage);
            let result;
            try {
                if (stage === 4) result = decoder(octets(count), port);
                else if (stage === 8) result = decoder(port, octets(count), {});
                else result = decoder({ bytes: octets(count), fPort: port, recvTime: new Date(time), variables: {} });
            } catch (error) { return thrown(tag, stage, error); }
            warnings = undefined;
            value = result;
            if (stage === 4 || stage === 8) return objectText(tag, stage, result);
            try { return unwrapped(tag, stage, result); } catch (error) { return thrown(tag, stage, error); }
        }

        // `data` out of {data, warnings, errors}.
        function unwrapped(tag, stage, result) {
            if (result === null || result === undefined) return problem(tag, 'u', stage, '', null);
            if (typeof result !== 'object') return problem(tag, 'o', stage, '', null);
            const errors = messages(result.errors);
            if (errors.length > 0) return problem(tag, 'e', stage, joined(errors), null);
            warnings = messages(result.warnings);
            value = result.data;
            if (value === undefined || value === null) value = {};
            return objectText(tag, stage, value);
        }

        function messages(list) {
            const texts = [];
            if (!isArray(list)) return texts;
            for (let index = 0; index < list.length && index < 100; index++) texts[index] = textOf(list[index]).slice(0, 4096);
            return texts;
        }

        function joined(texts) {
            let text = '';
            for (let index = 0; index < texts.length; index++) text += (index > 0 ? ', ' : '') + texts[index];
            return text;
        }

        function sections(tag, texts) {
            let text = '';
            for (let index = 0; index < texts.length; index++) text += SEPARATOR + tag + stringify(texts[index]);
            return text;
        }

        // flags: 1 v2, 2 v3, 4 dry run, 8 downlink.
        function decode(formatter, flags, count, port, time) {
            begin((flags & 4) !== 0);
            BYTES[STAGE] = 0;
            published = warnings = undefined;
            let scope;
            if (formatter.decoder !== undefined) {
                const main = (flags & 8) !== 0 ? 3 : (flags & 1) !== 0 ? 4 : 0;
                BYTES[STAGE] = main + 1;
                try { scope = instance(formatter.decoder); } catch (error) {
                    let text = '';
                    if ((flags & 1) !== 0) text += SEPARATOR + thrown('E', main, error);
                    if ((flags & 2) !== 0) text += SEPARATOR + thrown('e', main, error);
                    return text + (logs === null ? '' : logs);
                }
            }
            let text = '';
            let oldText, oldStage;
            if ((flags & 1) !== 0) {
                // Version 2 prefers its own decoder.
                let stage = 4, decoder;
                if (scope !== undefined) {
                    decoder = lookUp(scope, 4);
                    if (decoder === undefined) decoder = lookUp(scope, stage = 0);
                    if (decoder === undefined) decoder = lookUp(scope, stage = 8);
                }
                if (decoder === undefined && scope !== undefined) text += SEPARATOR + problem('E', 'f', 4, '', null);
                else {
                    let fields = 'null';
                    value = null;
                    if (decoder !== undefined) fields = decoded('E', stage, decoder, count, port, time);
                    oldText = fields;
                    oldStage = stage;
                    if (fields[0] === 'E') text += SEPARATOR + fields;
                    else {
                        if ((flags & 4) !== 0) text += SEPARATOR + 'S' + stage + fields;
                        text += checked(formatter, scope, fields, flags, port);
                    }
                    if ((flags & 2) !== 0 && warnings !== undefined && stage === 0) text += sections('W', warnings);
                }
            }
            if ((flags & 2) !== 0) text += modern(formatter, scope, flags, count, port, time, oldStage, oldText);
            return text + (logs === null ? '' : logs);
        }

        // Converter and Validator of version 2 on the value that `fields` is the text of.
        function checked(formatter, scope, fields, flags, port) {
            let text = '';
            const original = value;
            let converterScope = scope, validatorScope = scope;
            if (!formatter.isSingle) {
                try {
                    BYTES[STAGE] = 6;
                    converterScope = formatter.converter === undefined ? undefined : instance(formatter.converter);
                } catch (error) { return SEPARATOR + thrown('E', 5, error); }
            }
            const converter = converterScope === undefined ? undefined : lookUp(converterScope, 5);
            if (converter === undefined && !formatter.isSingle && converterScope !== undefined) {
                return SEPARATOR + problem('E', 'f', 5, '', null);
            }
            let current = original;
            if (converter !== undefined) {
                enter(5);
                try { current = converter(parse(fields), port); } catch (error) { return SEPARATOR + thrown('E', 5, error); }
                fields = objectText('E', 5, current);
                if (fields[0] === 'E') return SEPARATOR + fields;
                if ((flags & 4) !== 0) text += SEPARATOR + 'S5' + fields;
            }
            if (!formatter.isSingle) {
                try {
                    BYTES[STAGE] = 7;
                    validatorScope = formatter.validator === undefined ? undefined : instance(formatter.validator);
                } catch (error) { return SEPARATOR + thrown('E', 6, error); }
            }
            const validator = validatorScope === undefined ? undefined : lookUp(validatorScope, 6);
            if (validator === undefined && !formatter.isSingle && validatorScope !== undefined) {
                return SEPARATOR + problem('E', 'f', 6, '', null);
            }
            let isValid = true;
            if (validator !== undefined) {
                enter(6);
                try { isValid = validator(parse(fields), port); } catch (error) { return SEPARATOR + thrown('E', 6, error); }
                if (typeof isValid !== 'boolean') return SEPARATOR + problem('E', 'b', 6, '', null);
                if ((flags & 4) !== 0) text += SEPARATOR + 'S6' + isValid;
            }
            published = fields;
            if (fields !== 'null') text += SEPARATOR + 'F' + fields;
            return isValid ? text : text + SEPARATOR + 'V';
        }

        // Version 3: its own decoder first, the older styles after; the text of version 2 is used where it is the same call.
        function modern(formatter, scope, flags, count, port, time, oldStage, oldText) {
            if (scope === undefined) return SEPARATOR + problem('e', 'f', 0, '', null);
            const isDownlink = (flags & 8) !== 0;
            let stage = isDownlink ? 3 : 0;
            let decoder = lookUp(scope, stage);
            if (decoder === undefined && !isDownlink) decoder = lookUp(scope, stage = 4);
            if (decoder === undefined && !isDownlink) decoder = lookUp(scope, stage = 8);
            if (decoder === undefined) return SEPARATOR + problem('e', 'f', isDownlink ? 3 : 0, '', null);
            let text = '', fields;
            if (stage === oldStage) {
                if (oldText[0] === 'E') return SEPARATOR + 'e' + oldText.slice(1);
                fields = oldText;
                text = SEPARATOR + (fields === published ? 'd' : 'D' + fields);
            } else {
                fields = decoded('e', stage, decoder, count, port, time);
                if (fields[0] === 'e') return SEPARATOR + fields;
                text = SEPARATOR + 'D' + fields;
                if (warnings !== undefined) text += sections('W', warnings);
                if ((flags & 4) !== 0) text += SEPARATOR + 'S' + stage + fields;
            }
            if (isDownlink) return text;
            const normalizer = lookUp(scope, 1);
            if (normalizer === undefined) return text + implied(value, fields);
            let result;
            try {
                BYTES[STAGE] = 2;
                result = normalizer({ data: parse(fields) });
                if ((flags & 4) !== 0) {
                    const shown = stringify(result);
                    if (typeof shown === 'string' && shown.length <= RESULT_LIMIT) text += SEPARATOR + 'S1' + shown;
                }
                if (result === null || result === undefined) return text + SEPARATOR + problem('x', 'u', 1, '', null);
                const errors = messages(result.errors);
                if (errors.length > 0) return text + SEPARATOR + problem('x', 'e', 1, joined(errors), null);
                text += sections('w', messages(result.warnings));
                const data = result.data;
                if (data === undefined || data === null) return text;
                if (typeof data !== 'object') return text + SEPARATOR + problem('x', 'o', 1, '', null);
                return text + normalized(isArray(data) ? data : [data]);
            } catch (error) { return text + SEPARATOR + thrown('x', 1, error); }
        }
        """#
}
