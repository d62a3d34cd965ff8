import Risk
import Testing

@Suite struct RiskTests {}
