// The README's road with the client that openapi-typescript and openapi-fetch make of the contract.
import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

declare const process: { argv: string[] };
const [address, key, part] = process.argv.slice(2) as [string, string, string];
const api = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${key}` } });
const params = { path: { client: "northwind" } };

function conversation(external_id: string): components["schemas"]["PushedInteraction"] {
  return {
    external_id,
    channel: "chat",
    started_at: "2026-07-01T09:00:00Z",
    agent: { external_id: "a-7", name: "Ana" },
    turns: [
      { speaker: "customer", text: "My tent has not arrived and I am really upset." },
      { speaker: "agent", text: "I can see how upsetting that is. I will send a new tent today." },
    ],
  };
}

function known<T>(found: { data?: T; error?: { detail: string } }): T {
  if (found.data === undefined) throw new Error(found.error?.detail ?? "no answer");
  return found.data;
}

async function push(): Promise<void> {
  const one = await api.POST("/v1/clients/{client}/interactions", { params, body: conversation("ts-1") });
  const many = await api.POST("/v1/clients/{client}/interactions/bulk", {
    params,
    body: { interactions: [conversation("ts-2"), conversation("ts-3")] },
  });
  console.log(JSON.stringify([known(one).status, known(many).created]));
}

async function read(): Promise<void> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: 2 } : { limit: 2, cursor };
    const answer = await api.GET("/v1/clients/{client}/interactions", { params: { ...params, query } });
    const page: components["schemas"]["InteractionPage"] = known(answer);
    seen.push(...page.data.map((each) => each.external_id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  const report = known(
    await api.GET("/v1/clients/{client}/reports/empathy", {
      params: { ...params, query: { from: "2026-07-01", to: "2026-07-31" } },
    }),
  );
  if (typeof report === "string") throw new Error("a table was not asked for");
  console.log(JSON.stringify([seen.sort(), report.empathy.status, report.from]));
}

await (part === "push" ? push() : read());
