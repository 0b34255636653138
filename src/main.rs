fn main() -> std::process::ExitCode {
    fleetmix::cli::main()
}
