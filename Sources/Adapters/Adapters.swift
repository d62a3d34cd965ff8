// Custom adapters: programs of the user that read venues which Coffer does not know.
//
// `AdapterLibrary` finds them, `ManifestFile` reads what they say of themselves, `FolderTrust` refuses
// what others could have changed, and `AdapterProcess` runs one: a child process that is asked in JSON
// lines. The venue's value itself is made in `VenueKit`. coffer-adapter(5) describes all of it.
//
// Never: a program that somebody else may write is run; a child inherits a descriptor or a variable;
// a secret stands in an argument, a variable, a log or a fault. Always: what a child sends is bounded
// in length and time, and a child that breaks a rule is killed.
