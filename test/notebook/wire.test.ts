import fc from "fast-check";
import { expect, test } from "vitest";
import { fromCodePoints, toCodePoints } from "../../lib/notebook/text.ts";
import { decode, encode } from "../../lib/notebook/wire.ts";

const outgoing = { type: "stream", content: { text: "é 𝜇" }, parent: undefined, route: [Buffer.from("client")], session: "s" };

test("a message comes out as it went in", () => {
  const message = decode(encode(outgoing, "key"), "key");
  expect(message.header).toMatchObject({ msg_type: "stream", session: "s", version: "5.3" });
  expect(message.content).toEqual(outgoing.content);
  expect(message.identities).toEqual(outgoing.route);
});

test("a message that anyone changed or signed with another key is refused", () => {
  const frames = encode(outgoing, "key");
  expect(() => decode(frames, "other")).toThrow("wrong signature");
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 6 }), fc.nat(), (frame, at) => {
      const changed = frames.map((bytes) => Buffer.from(bytes));
      changed[frame][at % changed[frame].length] ^= 1;
      expect(() => decode(changed, "key")).toThrow("wrong signature");
    }),
  );
});

test("an incomplete message is refused", () => {
  expect(() => decode(encode(outgoing, "key").slice(0, 5), "key")).toThrow("incomplete");
  expect(() => decode([Buffer.from("x")], "key")).toThrow("incomplete");
});

test("places survive the way to Jupyter and back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, points) => {
      const place = Math.min(points, [...text].length);
      expect(toCodePoints(text, fromCodePoints(text, place))).toBe(place);
    }),
  );
});
