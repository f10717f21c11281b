// What hubs need of the platform and of the settings. The worker checks all settings at start (OP3).
export interface HubEnv {
  DB: D1Database
  USER_HUB: DurableObjectNamespace
  LOCATION_HUB: DurableObjectNamespace
  SIGNING_KEYS: string
  WS_HEARTBEAT_INTERVAL: string
  WS_MAX_CONNECTIONS_PER_USER: string
  WS_RECONNECT_MAX_ATTEMPTS: string
  RETENTION_DAYS: string
  STATS_INTERVAL_S: string
  /** [RE3] Both or neither. */
  VAPID_PRIVATE_KEY?: string
  VAPID_SUBJECT?: string
  PUSH_LOOPBACK?: string
  /** Not every deployment binds it. */
  ANALYTICS?: AnalyticsEngineDataset
}

export interface HubSettings {
  heartbeatMs: number
  maxConnections: number
  reconnectAttempts: number
  retentionMs: number
  statsIntervalMs: number
}

export const hubSettings = (env: HubEnv): HubSettings => ({
  heartbeatMs: Number(env.WS_HEARTBEAT_INTERVAL) * 1_000,
  maxConnections: Number(env.WS_MAX_CONNECTIONS_PER_USER),
  reconnectAttempts: Number(env.WS_RECONNECT_MAX_ATTEMPTS),
  retentionMs: Number(env.RETENTION_DAYS) * 24 * 3_600_000,
  statsIntervalMs: Number(env.STATS_INTERVAL_S) * 1_000,
})
