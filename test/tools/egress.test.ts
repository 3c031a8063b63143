import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEgress } from "../../src/tools/egress.ts";

const egress = createEgress({
  hosts: ["api.example.com", "API.example.org:8443", "münchen.example", "127.example.com"],
  ownOrigins: ["https://countersign.example.com", "http://127.0.0.1:8787"],
});
const reaches = (url: string, rules = egress): boolean => rules.refusal(new URL(url)) === null;

test.each([
  "https://api.example.com/",
  "https://api.example.com:443/a?b#c",
  "HTTPS://API.EXAMPLE.COM/",
  "https://api.example.org:8443/",
  "https://xn--mnchen-3ya.example/",
  "https://münchen.example/",
  "https://127.example.com/",
])("%s is on the list", (url) => {
  expect(reaches(url)).toBe(true);
});

test.each([
  ["another host", "https://example.com/"],
  ["a subdomain", "https://a.api.example.com/"],
  ["a host that begins like a listed one", "https://api.example.com.evil.example/"],
  ["a host with a trailing dot", "https://api.example.com./"],
  ["another port", "https://api.example.com:8443/"],
  ["the default port of a host listed with another", "https://api.example.org/"],
  ["plain http", "http://api.example.com/"],
  ["plain http on a listed port", "http://api.example.org:8443/"],
  ["another scheme", "ftp://api.example.com/"],
  ["no host", "data:text/plain,hello"],
  ["a file", "file:///etc/passwd"],
  ["credentials", "https://user@api.example.com/"],
  ["a password", "https://:pass@api.example.com/"],
  ["a host before an at sign", "https://api.example.com@evil.example/"],
  ["an IPv4 address", "https://93.184.216.34/"],
  ["an IPv6 address", "https://[2606:2800:220:1::1]/"],
  ["an address as one number", "https://2130706433/"],
  ["an address in octal", "https://0177.0.0.1/"],
  ["an address in hexadecimal", "https://0x7f.1/"],
  ["an IPv4 address in IPv6", "https://[::ffff:127.0.0.1]/"],
  ["a private network", "https://10.0.0.1/"],
  ["the metadata service", "https://169.254.169.254/latest/meta-data/"],
  ["loopback", "http://localhost:3000/"],
  ["loopback over https", "https://127.0.0.1/"],
  ["a backslash for a slash", "https://evil.example\\@api.example.com/"],
])("%s is refused", (_name, url) => {
  expect(reaches(url)).toBe(false);
});

describe("the development flag", () => {
  const open = createEgress({ hosts: [], loopback: true, ownOrigins: ["http://127.0.0.1:8787"] });

  test.each([
    "http://localhost:3000/",
    "http://127.0.0.1:1/",
    "http://[::1]:9/",
    "https://localhost/",
    "http://2130706433:3000/",
  ])("opens %s", (url) => {
    expect(reaches(url, open)).toBe(true);
  });

  test.each([
    "http://192.168.0.1/",
    "http://example.com/",
    "https://example.com/",
    "http://127.0.0.2/",
    "ws://localhost/",
    "http://a.localhost/",
    "http://[::ffff:127.0.0.1]:3000/",
  ])("opens nothing else: %s", (url) => {
    expect(reaches(url, open)).toBe(false);
  });

  test.each([
    "http://127.0.0.1:8787/v1/tasks",
    "http://localhost:8787/",
    "http://[::1]:8787/",
    "http://2130706433:8787/",
  ])("keeps the Worker's own origin shut, by whatever name: %s", (url) => {
    expect(reaches(url, open)).toBe(false);
  });
});

test("the Worker's own origin is shut even when it is listed", () => {
  const careless = createEgress({
    hosts: ["countersign.example.com"],
    ownOrigins: ["https://countersign.example.com"],
  });
  expect(reaches("https://countersign.example.com/v1/tasks", careless)).toBe(false);
});

test("an origin of the Worker that only its task knows is shut as well", () => {
  const listed = createEgress({ hosts: ["desk.example.com", "api.example.com"] });
  const refusal = (url: string) => listed.refusal(new URL(url), "https://desk.example.com");
  expect(refusal("https://desk.example.com/v1/tasks")).toBe("The address is the runtime's own.");
  expect(refusal("https://api.example.com/")).toBeNull();
  expect(refusal("https://desk.example.com:8443/")).not.toBe("The address is the runtime's own.");
});

test.each([
  "",
  "*.example.com",
  "https://api.example.com",
  "api.example.com/v1",
  "user@api.example.com",
  "10.0.0.1",
  "[::1]",
  "localhost",
  "a.localhost",
  "0x7f.1",
  "a b",
  "api.example.com:99999",
  "a?b",
  "a#b",
])("%j cannot be listed", (host) => {
  expect(() => createEgress({ hosts: [host] })).toThrow(TypeError);
});

test("whatever is not listed by host and port is refused", () => {
  const url = fc.webUrl({ validSchemes: ["http", "https", "ftp"], withQueryParameters: true });
  fc.assert(
    fc.property(url, (text) => {
      expect(reaches(text)).toBe(false);
    }),
  );
});
