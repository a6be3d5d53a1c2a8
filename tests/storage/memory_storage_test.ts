import { layerMemory } from "../../src/storage/memory/mod.ts";
import { testStorageContract } from "./contract.ts";

testStorageContract({ name: "memory storage", durable: false, place: () => Promise.resolve(layerMemory) });
