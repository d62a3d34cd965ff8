// Front page of Styles.
