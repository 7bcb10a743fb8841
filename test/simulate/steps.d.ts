declare module 'steps-of-this-service' {
  export const steps: Record<string, unknown>;
}
