from django.db import models


class ImportRun(models.Model):
    """How far the import of one file has come; the same file goes on where it was stopped."""

    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file and its options.")
    name = models.CharField(max_length=300)
    line = models.PositiveBigIntegerField(default=0, help_text="The last line that is done.")
    accepted = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="one_run_a_file")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
