// What a portfolio may lose: value at risk, expected shortfall, their parts, stress and limits.
