using System.Reflection;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Tests.Storage;

/// <summary>Texts that stores are hashed and encrypted with. A change of one would make every store unreadable; new ones may follow.</summary>
public sealed class StoredConstantsTests
{
    [Fact]
    public void Change_kinds() => Assert.Equal(["submitted", "replaced", "retracted", "reviewed", "measured", "released", "erased", "accessed"],
        Enum.GetValues<ChangeKind>().Select(ChangeKinds.ToText).Take(8));

    [Fact]
    public void Key_purposes()
    {
        var texts = typeof(KeyPurposes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToList();
        Assert.Equal(
            [
                "key-check", "change-digest", "change-chain", "change-head",
                "study-version", "instrument-version", "measure", "release", "erasure", "access-entries",
                "pseudonym", "site", "withheld", "erasure-list", "idempotency-key", "idempotency-request", "quota",
                "sealed-columns", "sealed file", "key id",
            ], texts.Take(20));
        Assert.Equal(texts.Distinct(StringComparer.Ordinal), texts);
    }
}
