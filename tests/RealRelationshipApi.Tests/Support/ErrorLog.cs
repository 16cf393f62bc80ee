using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Keeps what the service logged as an error, so that a test that meets one can show it.</summary>
internal sealed class ErrorLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _errors = new();

    public override string ToString() => string.Join('\n', _errors);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _errors.Enqueue($"{formatter(state, exception)}\n{exception}");
        }
    }

    public void Dispose() { }
}
