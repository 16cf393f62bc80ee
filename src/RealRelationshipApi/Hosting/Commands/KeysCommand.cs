using System.CommandLine;
using System.Globalization;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>keys create</c>, <c>keys list</c>, <c>keys revoke</c>, <c>keys rotate</c>. A running service picks up changes within a second.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Makes, lists, revokes and rotates API keys.") { CreateKey(), ListKeys(), RevokeKey(), RotateKey() };

    private static Command CreateKey()
    {
        var tenant = new Option<string>("--tenant") { Description = "Tenant of the key.", Required = true };
        tenant.Validators.Add(result =>
        {
            if (!Caller.IsTenantName(result.GetValueOrDefault<string?>()))
            {
                result.AddError($"--tenant must be {Caller.TenantNameRule}.");
            }
        });
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"Scope of the key; repeat for several: {string.Join(", ", Scopes.All)}.",
            Required = true
        };
        scopes.AcceptOnlyFromAmong([.. Scopes.All]);
        var expires = new Option<string?>("--expires") { Description = "First day on which the key is no longer valid (yyyy-MM-dd, UTC)." };
        expires.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !TryParseDate(text, out _))
            {
                result.AddError("--expires must be a day such as 2027-01-31.");
            }
        });
        var sourceSystem = new Option<string?>("--source-system")
        {
            Description = "The only source system that the key may send, amend, withdraw and erase for; the default of its messages."
        };
        sourceSystem.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !SourceKeyRules.IsKey(name))
            {
                result.AddError("--source-system must be 1 to 128 letters, digits or ._:/-+=|#.");
            }
        });
        var timeZone = new Option<string?>("--time-zone") { Description = "Time zone of days without a time, such as Europe/Berlin; default UTC." };
        timeZone.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && TimeZones.Find(name) is null)
            {
                result.AddError("--time-zone must be an IANA time zone, such as Europe/Berlin.");
            }
        });
        var command = new Command("create", "Creates a key and prints it once, on a separate line.") { tenant, scopes, expires, sourceSystem, timeZone };
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunAsync(parsed.InvocationConfiguration.Error, async services =>
        {
            DateTimeOffset? expiresAt = TryParseDate(parsed.GetValue(expires), out var parsedDay) ? parsedDay : null;
            if (expiresAt <= services.GetRequiredService<TimeProvider>().GetUtcNow())
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync("--expires lies in the past: the key would never work.");
                return 1;
            }

            var key = await services.GetRequiredService<GroupCommitWriter>().WriteAsync(
                transaction => ApiKeyStore.Create(transaction, parsed.GetValue(tenant)!, parsed.GetValue(scopes)!.Distinct(StringComparer.Ordinal), expiresAt,
                    parsed.GetValue(sourceSystem), parsed.GetValue(timeZone)),
                cancellation);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(key);
            return 0;
        }, cancellation));
        return command;
    }

    private static Command ListKeys()
    {
        var command = new Command("list", "Lists keys, without their secrets.");
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunAsync(parsed.InvocationConfiguration.Error, async services =>
        {
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            foreach (var key in await services.GetRequiredService<Database>().ReadAsync(ApiKeyStore.List, cancellation))
            {
                var state = key.RevokedAt is not null ? "revoked" : key.IsActive(now) ? "active" : "expired";
                await parsed.InvocationConfiguration.Output.WriteLineAsync(
                    $"{key.Id}\t{key.Tenant}\t{state}\t{key.Scopes}\t{key.CreatedAt}\t{key.ExpiresAt ?? "-"}\t{key.SourceSystem ?? "-"}");
            }
            return 0;
        }, cancellation));
        return command;
    }

    private static Command RevokeKey()
    {
        var id = new Argument<string>("id") { Description = "The key's id, as `keys list` shows it." };
        var command = new Command("revoke", "Revokes a key permanently.") { id };
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunAsync(parsed.InvocationConfiguration.Error, async services =>
        {
            var existed = await services.GetRequiredService<GroupCommitWriter>()
                .WriteAsync(transaction => ApiKeyStore.Revoke(transaction, parsed.GetValue(id)!), cancellation);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(existed ? "revoked" : "There is no such key.");
            return existed ? 0 : 1;
        }, cancellation));
        return command;
    }

    private static Command RotateKey()
    {
        var id = new Argument<string>("id") { Description = "The key's id, as `keys list` shows it." };
        var overlap =
            new Option<int>(
                "--overlap")
            { Description = "Hours for which the old key remains valid, so that clients can switch; 0 revokes it immediately." };
        overlap.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 720)
            {
                result.AddError("--overlap must be 0 to 720 hours.");
            }
        });
        var command = new Command("rotate", "Replaces an active key by a new one with the same tenant, scopes, source system and expiry, and prints it.")
        {
            id, overlap
        };
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunAsync(parsed.InvocationConfiguration.Error, async services =>
        {
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            var key = await services.GetRequiredService<GroupCommitWriter>().WriteAsync(
                transaction => ApiKeyStore.Rotate(transaction, parsed.GetValue(id)!, now, now.AddHours(parsed.GetValue(overlap))), cancellation);
            await (key is null ? parsed.InvocationConfiguration.Error.WriteLineAsync("There is no such active key.")
                : parsed.InvocationConfiguration.Output.WriteLineAsync(key));
            return key is null ? 1 : 0;
        }, cancellation));
        return command;
    }

    private static bool TryParseDate(string? text, out DateTimeOffset day) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out day);
}
