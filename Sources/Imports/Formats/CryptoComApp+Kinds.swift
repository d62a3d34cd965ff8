import Ledger

/// The `Transaction Kind`s of the Crypto.com app.
enum CryptoComKinds {
  /// One coin or currency given for another.
  static let trades: Set<String> = [
    "crypto_purchase", "crypto_exchange", "viban_purchase", "van_purchase",
    "crypto_viban_exchange", "crypto_to_van_sell_order", "recurring_buy_order", "card_top_up",
    "trading.limit_order.fiat_wallet.purchase_commit",
    "trading.limit_order.fiat_wallet.sell_commit",
    "trading.limit_order.cash_account.purchase_commit",
    "trading.limit_order.cash_account.sell_commit",
    "trading.limit_order.crypto_wallet.exchange",
  ]

  /// Locked, staked or lent within the app: the balance stays.
  static let skipped: Set<String> = [
    "crypto_earn_program_created", "crypto_earn_program_withdrawn",
    "crypto_earn_program_extended", "lockup_lock", "lockup_unlock", "lockup_upgrade",
    "lockup_swap_rebate", "dynamic_coin_swap_bonus_exchange_deposit", "supercharger_deposit",
    "supercharger_withdrawal", "council_node_deposit_created", "airdrop_locked",
    "crypto_credit_program_created", "crypto_credit_withdrawal_created",
    "finance.lockup.dpos_lock.crypto_wallet", "finance.lockup.dpos_unlock.crypto_wallet",
    "finance.dpos.staking.crypto_wallet", "finance.dpos.unstaking.crypto_wallet",
    "finance.dpos.instant_unstaking.crypto_wallet",
    "finance.defi_staking.staking.crypto_wallet",
    "finance.defi_staking.unstaking.crypto_wallet",
    "finance.defi_lending.staking.crypto_wallet",
    "finance.defi_lending.unstaking.crypto_wallet",
    "finance.airdrop_arena.deposit.crypto_wallet",
    "finance.airdrop_arena.withdrawal.crypto_wallet",
    "trading_limit_order_crypto_wallet_fund_lock",
    "trading_limit_order_crypto_wallet_fund_unlock",
  ]

  /// Moves between the app and the exchange of the same company.
  static let toExchange: Set<String> = [
    "crypto_to_exchange_transfer", "exchange_to_crypto_transfer",
  ]

  /// What a change is that comes in, and one that goes out.
  static let changes: [String: (in: EntryKind, out: EntryKind)] = [
    "crypto_deposit": (.deposit, .withdrawal), "crypto_withdrawal": (.deposit, .withdrawal),
    "viban_deposit": (.deposit, .withdrawal), "viban_withdrawal": (.deposit, .withdrawal),
    "fiat_deposit": (.deposit, .withdrawal), "fiat_withdrawal": (.deposit, .withdrawal),
    "van_deposit": (.deposit, .withdrawal), "van_initiated_withdrawal": (.deposit, .withdrawal),
    "viban_card_top_up": (.deposit, .withdrawal),
    "crypto_to_external_wallet": (.deposit, .withdrawal),
    "viban_deposit_precredit": (.loan, .loanRepayment),
    "viban_deposit_precredit_repayment": (.loan, .loanRepayment),
    "crypto_credit_loan_credited": (.loan, .loanRepayment),
    "crypto_credit_repayment_created": (.loan, .loanRepayment),
    "invest_deposit": (.unstake, .stake), "invest_withdrawal": (.unstake, .stake),
    "crypto_transfer": (.receive, .spend),
    "crypto_payment": (.receive, .spend), "crypto_payment_refund": (.receive, .spend),
    "reimbursement": (.receive, .spend), "reimbursement_reverted": (.receive, .spend),
    "card_cashback_reverted": (.receive, .spend), "referral_card_cashback": (.receive, .spend),
    "transfer_cashback": (.receive, .spend), "pay_checkout_reward": (.receive, .spend),
    "referral_bonus": (.receive, .spend), "referral_gift": (.receive, .spend),
    "crypto_earn_interest_paid": (.receive, .spend), "mco_stake_reward": (.receive, .spend),
    "supercharger_reward_to_app_credited": (.receive, .spend),
    "rewards_platform_deposit_credited": (.receive, .spend),
    "airdrop_to_exchange_transfer": (.receive, .spend),
    "card_cashback": (.cashback, .spend), "merchant_cashback": (.cashback, .spend),
    "prime_cashback": (.cashback, .spend), "mobile_airtime_reward": (.cashback, .spend),
    "crypto_earn_extra_interest_paid": (.interest, .spend),
    "finance.crypto_earn.loyalty_program_extra_interest_paid.crypto_wallet": (.interest, .spend),
    "finance.lockup.dpos_compound_interest.crypto_wallet": (.interest, .spend),
    "finance.dpos.compound_interest.crypto_wallet": (.interest, .spend),
    "finance.dpos.non_compound_interest.crypto_wallet": (.interest, .spend),
    "finance.dpos.non_compound_restaking_interest.crypto_wallet": (.interest, .spend),
    "finance.defi_staking.non_compound_interest.crypto_wallet": (.interest, .spend),
    "finance.defi_staking.compound_interest.crypto_wallet": (.interest, .spend),
    "finance.defi_lending.compound_interest.crypto_wallet": (.interest, .spend),
    "finance.defi_lending.non_compound_interest.crypto_wallet": (.interest, .spend),
    "staking_reward": (.staking, .spend), "soft_staking_reward": (.staking, .spend),
    "eth2_staking_reward": (.staking, .spend), "supercharger_reward": (.staking, .spend),
    "gift_card_reward": (.airdrop, .spend), "admin_wallet_credited": (.airdrop, .spend),
    "campaign_reward": (.airdrop, .spend),
    "finance.airdrop_arena.reward.crypto_wallet": (.airdrop, .spend),
    "mission_reward": (.reward, .spend), "trading_reward": (.reward, .spend),
    "signup_bonus": (.referral, .spend),
    "reward.loyalty_program.trading_rebate.crypto_wallet": (.feeRebate, .spend),
    "nft_payout_credited": (.income, .spend),
  ]
}
